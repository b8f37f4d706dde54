//! Applications for connections, by Workato's provider keys.
//! Credentials alone cannot authorize those that use OAuth's authorization code grant.

/// An application.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// Workato's key.
    pub key: &'static str,
    /// The name to show.
    pub title: &'static str,
    /// Whether it uses OAuth's authorization code grant, so that a person has to press "Allow".
    pub authorization_code: bool,
}

const fn by_code(key: &'static str, title: &'static str) -> Provider {
    Provider { key, title, authorization_code: true }
}

const fn by_credentials(key: &'static str, title: &'static str) -> Provider {
    Provider { key, title, authorization_code: false }
}

/// The applications. Any other key counts as one that takes credentials.
pub const PROVIDERS: [Provider; 30] = [
    by_credentials("netsuite", "NetSuite"),
    by_code("salesforce", "Salesforce"),
    by_credentials("workday", "Workday"),
    by_credentials("bamboohr", "BambooHR"),
    by_credentials("stripe", "Stripe"),
    by_code("quickbooks", "QuickBooks Online"),
    by_code("xero", "Xero"),
    by_code("shopify", "Shopify"),
    by_code("hubspot", "HubSpot"),
    by_code("gusto", "Gusto"),
    by_credentials("greenhouse", "Greenhouse"),
    by_credentials("servicenow", "ServiceNow"),
    by_credentials("jira", "Jira"),
    by_code("slack", "Slack"),
    by_code("google_sheets", "Google Sheets"),
    by_credentials("snowflake", "Snowflake"),
    by_credentials("postgresql", "PostgreSQL"),
    by_credentials("sql_server", "SQL Server"),
    by_credentials("sftp", "SFTP"),
    by_credentials("amazon_s3", "Amazon S3"),
    by_credentials("rest", "HTTP"),
    by_code("docusign", "DocuSign"),
    by_credentials("sap", "SAP"),
    by_credentials("oracle", "Oracle"),
    by_code("microsoft_dynamics_crm", "Dynamics 365"),
    by_code("zendesk", "Zendesk"),
    by_credentials("magento", "Magento"),
    by_credentials("coupa", "Coupa"),
    by_code("outreach", "Outreach"),
    by_code("box", "Box"),
];

/// Whether this application uses OAuth's authorization code grant.
pub fn uses_authorization_code(key: &str) -> bool {
    PROVIDERS.iter().any(|provider| provider.key == key && provider.authorization_code)
}
