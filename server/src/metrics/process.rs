//! Facts about the process, by the names that Prometheus' own client libraries use. Only on Linux, from `/proc`.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

pub fn describe() {
    describe_counter!("process_cpu_seconds_total", Unit::Seconds, "User and system CPU time");
    describe_gauge!("process_resident_memory_bytes", Unit::Bytes, "Resident memory");
    describe_gauge!("process_virtual_memory_bytes", Unit::Bytes, "Virtual memory");
    describe_gauge!("process_threads", "Threads");
    describe_gauge!("process_open_fds", "Open file descriptors");
    describe_gauge!("process_max_fds", "The limit on open file descriptors");
    describe_gauge!("process_start_time_seconds", Unit::Seconds, "When the process started, in seconds since 1970");
    describe_gauge!("portal_build_info", "Always 1; the label says which version runs");
}

/// Sets the gauges to what is true now.
pub fn measure() {
    gauge!("portal_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    #[cfg(target_os = "linux")]
    if let Err(error) = measure_proc() {
        tracing::debug!(%error, "facts about the process cannot be read");
    }
}

#[cfg(target_os = "linux")]
fn measure_proc() -> procfs::ProcResult<()> {
    use procfs::process::{LimitValue, Process};

    let process = Process::myself()?;
    let stat = process.stat()?;
    let per_second = procfs::ticks_per_second();
    counter!("process_cpu_seconds_total").absolute((stat.utime + stat.stime) / per_second);
    gauge!("process_resident_memory_bytes").set((stat.rss * procfs::page_size()) as f64);
    gauge!("process_virtual_memory_bytes").set(stat.vsize as f64);
    gauge!("process_threads").set(stat.num_threads as f64);
    gauge!("process_open_fds").set(process.fd_count()? as f64);
    if let LimitValue::Value(most) = process.limits()?.max_open_files.soft_limit {
        gauge!("process_max_fds").set(most as f64);
    }
    let started = procfs::boot_time_secs()? as f64 + stat.starttime as f64 / per_second as f64;
    gauge!("process_start_time_seconds").set(started);
    Ok(())
}
