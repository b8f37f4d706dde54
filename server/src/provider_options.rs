//! The settings for signing in at an OpenID Connect provider.

use std::{io, path::PathBuf};

use clap::{Args, ValueEnum};
use portal::accounts::provider::{GroupRole, GroupTeamRole, ProviderIssuer, ProviderSettings};

use crate::setting_values::token;

/// The settings for signing in at an OpenID Connect provider.
#[derive(Args, Clone, Debug)]
pub struct ProviderOptions {
    /// The issuer of the OpenID Connect provider that people can sign in with, such as https://login.example.com/realms/staff.
    /// By default there is none
    #[arg(long, env = "PORTAL_OIDC_ISSUER", requires = "oidc_client_id")]
    pub oidc_issuer: Option<ProviderIssuer>,
    /// The portal's client id at the provider
    #[arg(long, env = "PORTAL_OIDC_CLIENT_ID", requires = "oidc_client_secret_file")]
    pub oidc_client_id: Option<String>,
    /// The file with the portal's client secret at the provider
    #[arg(long, env = "PORTAL_OIDC_CLIENT_SECRET_FILE", requires = "oidc_issuer")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What people call the provider, for "Sign in with …"
    #[arg(long, env = "PORTAL_OIDC_NAME", default_value = "single sign-on")]
    pub oidc_name: String,
    /// The scopes to request besides openid, comma-separated
    #[arg(long, env = "PORTAL_OIDC_SCOPES", value_delimiter = ',', default_value = "profile,email")]
    pub oidc_scopes: Vec<String>,
    /// The claim that lists a person's groups
    #[arg(long, env = "PORTAL_OIDC_GROUPS_CLAIM", default_value = "groups")]
    pub oidc_groups_claim: String,
    /// The role in the portal that a group gives, as GROUP=ROLE, semicolon-separated: portal-admins=admin;audit=auditor. By
    /// default admins give roles
    #[arg(long, env = "PORTAL_OIDC_ROLES", value_delimiter = ';')]
    pub oidc_roles: Vec<GroupRole>,
    /// The role in a team that a group gives, as GROUP=TEAM:ROLE, semicolon-separated: payments-ops=payments:operator. Admins
    /// decide about teams that are not listed
    #[arg(long, env = "PORTAL_OIDC_TEAM_ROLES", value_delimiter = ';')]
    pub oidc_team_roles: Vec<GroupTeamRole>,
    /// yes: create an account for everybody who signs in with the provider. With groups that give roles, only for people in
    /// one of these groups
    #[arg(long, env = "PORTAL_OIDC_CREATE_PEOPLE", value_enum, default_value = "no")]
    pub oidc_create_people: YesNo,
    /// yes: trust email addresses that the provider does not say are verified. Only for providers where nobody can enter an
    /// address of somebody else
    #[arg(long, env = "PORTAL_OIDC_TRUST_EMAILS", value_enum, default_value = "no")]
    pub oidc_trust_emails: YesNo,
    /// The values of the claims amr and acr that mean that the provider checked a second factor, comma-separated: mfa. By
    /// default the portal asks for its own
    #[arg(long, env = "PORTAL_OIDC_SECOND_FACTOR", value_delimiter = ',')]
    pub oidc_second_factor: Vec<String>,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum YesNo {
    /// No.
    No,
    /// Yes.
    Yes,
}

impl ProviderOptions {
    /// The settings, if there is a provider.
    ///
    /// # Errors
    /// If the client secret cannot be read.
    pub fn settings(&self) -> Result<Option<ProviderSettings>, io::Error> {
        // The three depend on each other.
        let (Some(issuer), Some(client_id), Some(secret)) =
            (&self.oidc_issuer, &self.oidc_client_id, &self.oidc_client_secret_file)
        else {
            return Ok(None);
        };
        let words = |list: &[String]| -> Vec<String> {
            list.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
        };
        Ok(Some(ProviderSettings {
            name: self.oidc_name.clone(),
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: token(secret)?,
            scopes: words(&self.oidc_scopes),
            groups_claim: self.oidc_groups_claim.clone(),
            roles: self.oidc_roles.clone(),
            team_roles: self.oidc_team_roles.clone(),
            creates_people: self.oidc_create_people == YesNo::Yes,
            trusts_emails: self.oidc_trust_emails == YesNo::Yes,
            second_factor: words(&self.oidc_second_factor),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;
    use portal::private_file;
    use secrecy::ExposeSecret;

    use super::ProviderOptions;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        provider: ProviderOptions,
    }

    fn line(arguments: &[&str]) -> Result<ProviderOptions, String> {
        let line = Line::try_parse_from(std::iter::once("portal").chain(arguments.iter().copied()));
        line.map(|line| line.provider).map_err(|error| error.to_string())
    }

    #[test]
    fn a_provider_has_an_issuer_a_client_and_a_secret_or_there_is_none() {
        assert!(line(&[]).unwrap().settings().unwrap().is_none());
        let [issuer, client, secret] = [
            "--oidc-issuer=https://login.example.com",
            "--oidc-client-id=portal",
            "--oidc-client-secret-file=/nowhere",
        ];
        for incomplete in [&[issuer][..], &[client], &[secret], &[issuer, client], &[client, secret], &[issuer, secret]]
        {
            let refused = line(incomplete).expect_err("something is missing");
            assert!(refused.contains("required"), "{refused}");
        }
        let refused = line(&[issuer, client, secret]).unwrap().settings().expect_err("no such file");
        assert!(refused.to_string().contains("/nowhere"), "{refused}");
    }

    #[test]
    fn groups_are_mapped_and_the_secret_comes_from_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        private_file::create(&file, b"hush \n").unwrap();
        let secret = format!("--oidc-client-secret-file={}", file.display());
        let given = [
            "--oidc-issuer=https://login.example.com",
            "--oidc-client-id=portal",
            &secret,
            "--oidc-roles=cn=Admins,dc=example=admin;audit=auditor",
            "--oidc-team-roles=ops=payments:operator;ops=lending:viewer",
            "--oidc-scopes=profile, email,groups",
            "--oidc-second-factor=mfa,hwk",
            "--oidc-create-people=yes",
        ];
        let settings = line(&given).unwrap().settings().unwrap().expect("a provider");
        assert_eq!(settings.client_secret.expose_secret(), "hush");
        assert_eq!((settings.roles.len(), settings.team_roles.len()), (2, 2));
        assert_eq!(settings.roles[0].group, "cn=Admins,dc=example");
        assert_eq!(settings.scopes, ["profile", "email", "groups"]);
        assert_eq!(settings.second_factor, ["mfa", "hwk"]);
        assert!(settings.creates_people && !settings.trusts_emails);
        assert!(!format!("{settings:?}").contains("hush"));
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        assert!(line(&given).unwrap().settings().is_err());
    }
}
