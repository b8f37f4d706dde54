//! A PostgreSQL of the tests' own: one per test process, on a free port, from Debian's `postgresql`. It stops when the
//! process ends, however it ends.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::OnceCell;

use crate::{StoreError, postgres::MIGRATIONS};

/// The database that fresh ones are copies of. Nothing is connected to it, or it could not be copied.
const TEMPLATE: &str = "migrated";
/// The role that owns the databases, as the portal's would: no superuser.
const OWNER: &str = "portal";
/// With this variable set, PostgreSQL waits for the disk as a real one does. For measurements.
const DURABLE: &str = "PORTAL_TEST_POSTGRES_DURABLE";

/// A running PostgreSQL.
pub struct Server {
    port: u16,
    password: String,
    folder: PathBuf,
    template: OnceCell<()>,
    /// Databases that no test uses any longer. Dropping one takes a connection, so the next test does it.
    unused: Mutex<Vec<String>>,
    _running: Running,
}

/// The shell that runs it, and the pipe whose end stops it.
struct Running {
    child: Child,
    input: Option<ChildStdin>,
}

/// A database of its own for one test. It is dropped later.
pub struct Database {
    server: &'static Server,
    name: String,
}

/// The server of this process. The first call starts it, which takes about a second.
///
/// # Panics
/// If Debian's `postgresql` is not installed, or does not start.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    fn start() -> Self {
        let programs = programs();
        // Another program may take the port between here and PostgreSQL's start.
        let mut attempts = (0..5).map(|_| Self::start_once(&programs));
        attempts
            .find_map(Result::ok)
            .unwrap_or_else(|| panic!("{}", Self::start_once(&programs).err().unwrap_or_default()))
    }

    fn start_once(programs: &Path) -> Result<Self, String> {
        let durable = std::env::var_os(DURABLE).is_some();
        // A database is a few hundred files: copying them takes 75 ms in memory, 850 ms on this project's build machine.
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() && !durable { memory.to_owned() } else { std::env::temp_dir() };
        // The shell removes the folder.
        let folder = tempfile::Builder::new().prefix("portal-postgres-").tempdir_in(parent).map_err(text)?.keep();
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).map_err(text)?.port();
        let as_user = match rustix::process::geteuid().is_root() {
            true => "setpriv --reuid=postgres --regid=postgres --clear-groups",
            false => "",
        };
        // A session of its own: Ctrl-C must reach the tests and not this shell, which cleans up after them.
        let mut child = Command::new("setsid")
            .args(["sh", "-c", include_str!("postgres.sh"), "postgres-for-tests"])
            .args([programs, folder.as_path()])
            .args([port.to_string().as_str(), as_user, if durable { "on" } else { "off" }])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(text)?;
        let password = uuid::Uuid::new_v4().simple().to_string();
        let mut input = child.stdin.take().ok_or("no pipe")?;
        writeln!(input, "{password}").map_err(text)?;
        let mut output = child.stdout.take().ok_or("no pipe")?;
        let running = Running { child, input: Some(input) };
        let mut answer = [0; 6];
        if output.read_exact(&mut answer).is_err() || &answer != b"ready\n" {
            let mut rest = String::from_utf8_lossy(&answer).into_owned();
            output.read_to_string(&mut rest).map_err(text)?;
            return Err(format!("PostgreSQL does not start: {rest}"));
        }
        let (template, unused) = (OnceCell::new(), Mutex::default());
        Ok(Self { port, password, folder, template, unused, _running: running })
    }

    /// The address of a database, as the role that owns it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{OWNER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The address of a database, as a superuser.
    pub fn superuser_url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The folder of its socket.
    pub fn socket(&self) -> &Path {
        &self.folder
    }

    /// A connection as a superuser.
    ///
    /// # Errors
    /// If there is no such database.
    pub async fn superuser(&self, database: &str) -> Result<PgConnection, StoreError> {
        Ok(PgConnection::connect(&self.superuser_url(database)).await?)
    }

    /// Makes a database as the migrations make it.
    ///
    /// # Errors
    /// If there is one of this name.
    pub async fn create(&self, name: &str) -> Result<(), StoreError> {
        self.template.get_or_try_init(|| self.make_template()).await?;
        let mut conn = self.superuser("postgres").await?;
        let unused = std::mem::take(&mut *self.unused.lock().unwrap_or_else(PoisonError::into_inner));
        for name in unused {
            conn.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
        }
        self.make(&mut conn, name, TEMPLATE).await?;
        Ok(conn.close().await?)
    }

    /// A database as the migrations make it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn fresh(&'static self) -> Result<Database, StoreError> {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        self.create(&name).await?;
        Ok(Database { server: self, name })
    }

    /// A database without a table.
    ///
    /// # Errors
    /// If it cannot be made.
    pub async fn empty(&'static self) -> Result<Database, StoreError> {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        self.template.get_or_try_init(|| self.make_template()).await?;
        let mut conn = self.superuser("postgres").await?;
        self.make(&mut conn, &name, "template0").await?;
        conn.close().await?;
        Ok(Database { server: self, name })
    }

    /// Takes note that a database is no longer used.
    pub fn discard(&self, name: String) {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    }

    async fn make(&self, conn: &mut PgConnection, name: &str, template: &str) -> Result<(), StoreError> {
        let make = format!("CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}");
        conn.execute(AssertSqlSafe(make)).await?;
        Ok(())
    }

    async fn make_template(&self) -> Result<(), StoreError> {
        let mut conn = self.superuser("postgres").await?;
        // A test that is cancelled here leaves the work to the next one.
        conn.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)"))).await?;
        conn.execute(AssertSqlSafe(format!("DROP ROLE IF EXISTS {OWNER}"))).await?;
        conn.execute(AssertSqlSafe(format!("CREATE ROLE {OWNER} LOGIN PASSWORD '{}'", self.password))).await?;
        self.make(&mut conn, TEMPLATE, "template0").await?;
        conn.close().await?;
        let mut owner = PgConnection::connect(&self.url(TEMPLATE)).await?;
        MIGRATIONS.run_direct(None, &mut owner, false).await.map_err(StoreError::Migration)?;
        owner.close().await?;
        let mut conn = self.superuser(TEMPLATE).await?;
        conn.execute(sqlx::raw_sql(include_str!("sqlite_functions.sql"))).await?;
        for role in [OWNER, "postgres"] {
            conn.execute(AssertSqlSafe(format!("ALTER ROLE {role} SET search_path = public, sqlite"))).await?;
        }
        // Tests lift foreign keys in a transaction of the portal's own.
        if conn.server_version_num().is_some_and(|version| version >= 150_000) {
            let grant = format!("GRANT SET ON PARAMETER session_replication_role TO {OWNER}");
            conn.execute(AssertSqlSafe(grant)).await?;
        }
        Ok(conn.close().await?)
    }
}

impl Database {
    /// Its address, as the role that owns it.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection as somebody who can do anything.
    ///
    /// # Errors
    /// If it cannot be had.
    pub async fn superuser(&self) -> Result<PgConnection, StoreError> {
        self.server.superuser(&self.name).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.discard(std::mem::take(&mut self.name));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.input.take());
        if let Err(error) = self.child.wait() {
            tracing::warn!("the PostgreSQL of the tests: {error}");
        }
    }
}

/// The newest PostgreSQL that is installed as Debian installs it.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = versions.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    let programs = |version: &u32| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
    let newest = versions.filter(|version| programs(version).join("postgres").is_file()).max();
    newest.as_ref().map(programs).unwrap_or_else(|| panic!("PostgreSQL is not installed: run `make setup-tests`"))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use sqlx::{Executor, query_scalar};

    use super::{Server, server};

    #[tokio::test]
    async fn fresh_databases_are_migrated_and_know_nothing_of_each_other() {
        let (one, other) = (server().fresh().await.unwrap(), server().fresh().await.unwrap());
        let mut conn = one.superuser().await.unwrap();
        conn.execute("INSERT INTO signing_key VALUES ('a', 1)").await.unwrap();
        for (database, keys) in [(&one, 1), (&other, 0)] {
            let mut conn = database.superuser().await.unwrap();
            let count = query_scalar::<_, i64>("SELECT count(*) FROM signing_key").fetch_one(&mut conn).await.unwrap();
            assert_eq!(count, keys);
        }
    }

    #[tokio::test]
    async fn when_the_pipe_of_the_test_process_closes_the_server_and_its_folder_are_gone() {
        let server = Server::start();
        let (port, folder) = (server.port, server.folder.clone());
        drop(server.superuser("postgres").await.unwrap());
        drop(server);
        assert!(!folder.exists());
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
