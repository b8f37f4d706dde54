//! The options of a portal that is served, but for where its data is.

use std::net::SocketAddr;

use clap::Args;
use ipnet::IpNet;

use crate::{
    LogFormat, command_error::CommandError, destination_options::DestinationOptions, factor_options::FactorOptions,
    origin::network, plain_http::InsecureHttp, provider_options::ProviderOptions, session_options::SessionOptions,
    setting_values::bytes, traces::Traces,
};

/// How to serve, but for where the data is.
#[derive(Args, Clone, Debug)]
pub struct WebOptions {
    /// The address and port to listen on
    #[arg(long, env = "PORTAL_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,
    /// The URL that people open, such as https://portal.example.com. By default http://localhost with the port
    #[arg(long, env = "PORTAL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// yes: serve plain http although other machines can reach it. Passwords then cross the network as they are typed, unless
    /// only a proxy that speaks TLS reaches the address
    #[arg(long, env = "PORTAL_INSECURE_HTTP", value_enum, default_value = "no")]
    pub insecure_http: InsecureHttp,
    #[command(flatten)]
    pub factors: FactorOptions,
    #[command(flatten)]
    pub provider: ProviderOptions,
    /// Addresses or networks of the proxies whose X-Forwarded-For header is trusted, comma-separated
    #[arg(long, env = "PORTAL_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
    /// The timeout of a call to Workato, in seconds
    #[arg(long, env = "PORTAL_WORKATO_TIMEOUT", default_value = "45", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub workato_timeout: u64,
    /// How often to check operations whose outcome is not known, in seconds
    #[arg(long, env = "PORTAL_SETTLE_EVERY", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub settle_every: u64,
    /// How long a request waits for a second person, in hours
    #[arg(long, env = "PORTAL_APPROVAL_EXPIRES", default_value = "24", value_parser = clap::value_parser!(u64).range(1..=168))]
    pub approval_expires: u64,
    /// After how many refusals in a row a job stops by itself. 0 to never stop it
    #[arg(long, env = "PORTAL_JOB_STOPS_AFTER", default_value = "5", value_parser = clap::value_parser!(u16).range(0..=1_000))]
    pub job_stops_after: u16,
    /// How often to compare each team's Workato with the audit log, in seconds (at least 60)
    #[arg(long, env = "PORTAL_WATCH_EVERY", default_value = "300", value_parser = clap::value_parser!(u64).range(60..=86_400))]
    pub watch_every: u64,
    /// How long after the start to compare them for the first time, in seconds. By default within 3 seconds
    #[arg(long, env = "PORTAL_WATCH_FIRST_AFTER", value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub watch_first_after: Option<u64>,
    /// How often to read which recipes use connections and connectors, in seconds (at least 60)
    #[arg(long, env = "PORTAL_IMPACT_EVERY", default_value = "600", value_parser = clap::value_parser!(u64).range(60..=86_400))]
    pub impact_every: u64,
    #[command(flatten)]
    pub destinations: DestinationOptions,
    /// How many days to keep the contents of the audit log's entries (at least 30). By default they are kept forever
    #[arg(long, env = "PORTAL_RETENTION_DAYS", value_parser = clap::value_parser!(u16).range(30..))]
    pub retention_days: Option<u16>,
    /// How many requests a session may send in a second, or an address without a session, with bursts of ten times as
    /// many. 0 for no limit
    #[arg(long, env = "PORTAL_REQUESTS_PER_SECOND", default_value = "30", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub requests_per_second: u32,
    #[command(flatten)]
    pub sessions: SessionOptions,
    /// The least free space on the data folder's disk, such as 512MiB or 2GiB. With less, the portal changes nothing and
    /// only reads. 0 switches this off
    #[arg(long, env = "PORTAL_MIN_FREE_DISK", default_value = "512MiB", value_parser = bytes)]
    pub min_free_disk: u64,
    /// The address to serve Prometheus metrics on, such as 127.0.0.1:9100. Off by default. Needs no sign-in: keep it
    /// private
    #[arg(long, env = "PORTAL_METRICS_ADDR")]
    pub metrics_addr: Option<SocketAddr>,
    /// The OpenTelemetry collector to send traces to, such as http://127.0.0.1:4318, over OTLP (http/protobuf). By default
    /// no traces are made
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// What to log: error, warn, info, debug, or a filter such as info,portal=debug
    #[arg(long, env = "PORTAL_LOG", default_value = "info")]
    pub log: String,
    /// The format of the log: text or json
    #[arg(long, env = "PORTAL_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,
}

impl WebOptions {
    /// What sends traces, if there is a collector.
    ///
    /// # Errors
    /// `Input` if its address is not a URL.
    pub fn traces(&self) -> Result<Option<Traces>, CommandError> {
        // An empty variable counts as none, as OpenTelemetry has it.
        self.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty()).map(Traces::to).transpose()
    }
}
