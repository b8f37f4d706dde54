//! The list of open connections. It is bounded in all and per network. A newcomer takes the place of the connection that
//! has kept the portal waiting for the longest time: a client that holds connections open without using them loses them, and
//! never keeps others out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::activity::Activity;

/// How many connections may be open.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub in_all: usize,
    pub per_network: usize,
}

/// The open connections.
#[derive(Debug)]
pub struct Slots {
    bounds: Bounds,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Connection>,
    per_network: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Connection {
    /// None: it is a proxy's, which has many clients.
    network: Option<IpAddr>,
    activity: Arc<Activity>,
}

/// An open connection's place.
#[derive(Debug)]
pub struct Slot {
    slots: Arc<Slots>,
    number: u64,
    pub activity: Arc<Activity>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.lock().remove(self.number);
    }
}

impl Slots {
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { bounds, open: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection. `None` if there is none, and no other connection waits for its client.
    pub fn take(self: &Arc<Self>, network: Option<IpAddr>, closed: CancellationToken) -> Option<Slot> {
        let mut open = self.lock();
        if let Some(network) = network
            && open.per_network.get(&network).is_some_and(|count| *count >= self.bounds.per_network)
        {
            open.close_longest_waiting(|connection| connection.network == Some(network))?;
        }
        if open.connections.len() >= self.bounds.in_all {
            open.close_longest_waiting(|_| true)?;
        }
        let number = open.next;
        open.next += 1;
        if let Some(network) = network {
            *open.per_network.entry(network).or_default() += 1;
        }
        let activity = Arc::new(Activity::new(closed));
        open.connections.insert(number, Connection { network, activity: Arc::clone(&activity) });
        drop(open);
        Some(Slot { slots: Arc::clone(self), number, activity })
    }
}

impl Open {
    fn remove(&mut self, number: u64) {
        let Some(connection) = self.connections.remove(&number) else { return };
        let Some(network) = connection.network else { return };
        if let Some(count) = self.per_network.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                self.per_network.remove(&network);
            }
        }
    }

    fn close_longest_waiting(&mut self, belongs: impl Fn(&Connection) -> bool) -> Option<()> {
        let waiting = self.connections.iter().filter(|(_, connection)| belongs(connection));
        let waiting = waiting.filter_map(|(number, connection)| Some((connection.activity.waits_since()?, *number)));
        let (_, number) = waiting.min()?;
        self.connections.get(&number)?.activity.closed.cancel();
        self.remove(number);
        metrics::counter!("portal_connections_closed_total", "cause" => "place_needed").increment(1);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, sync::Arc};

    use tokio_util::sync::CancellationToken;

    use super::{Bounds, Slot, Slots};

    fn network(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, number]))
    }

    fn slots(in_all: usize, per_network: usize) -> Arc<Slots> {
        Slots::new(Bounds { in_all, per_network })
    }

    fn take(slots: &Arc<Slots>, network: Option<IpAddr>) -> Option<Slot> {
        slots.take(network, CancellationToken::new())
    }

    fn is_closed(slot: &Slot) -> bool {
        slot.activity.closed.is_cancelled()
    }

    #[test]
    fn a_newcomer_takes_the_place_of_the_one_that_waits_for_the_longest_time() {
        let slots = slots(3, 3);
        let [first, second, third] = [1, 2, 3].map(|number| take(&slots, network(number)).unwrap());
        first.activity.set_answering(true);
        let fourth = take(&slots, network(4)).unwrap();
        assert_eq!([&first, &second, &third, &fourth].map(is_closed), [false, true, false, false]);
        assert_eq!(slots.lock().connections.len(), 3);
        drop([first, second, third, fourth]);
        assert_eq!(slots.lock().connections.len(), 0);
        assert!(slots.lock().per_network.is_empty());
    }

    #[test]
    fn a_network_with_too_many_connections_loses_its_own() {
        let slots = slots(10, 2);
        let others = take(&slots, network(1)).unwrap();
        let [first, second, third] = [7; 3].map(|number| take(&slots, network(number)).unwrap());
        assert_eq!([&others, &first, &second, &third].map(is_closed), [false, true, false, false]);
        let proxies: Vec<Slot> = (0..5).map(|_| take(&slots, None).unwrap()).collect();
        assert!(!proxies.iter().any(is_closed), "a proxy has many clients");
    }

    #[test]
    fn there_is_no_place_while_the_portal_works_for_all_of_them() {
        let slots = slots(2, 2);
        let busy = [1, 2].map(|number| take(&slots, network(number)).unwrap());
        for slot in &busy {
            slot.activity.set_answering(true);
        }
        assert!(take(&slots, network(3)).is_none());
        // A form that does not arrive, and an answer that is not read, are no work.
        busy[0].activity.set_wants_body(true);
        let newcomer = take(&slots, network(3)).unwrap();
        assert!(is_closed(&busy[0]));
        newcomer.activity.set_answering(true);
        busy[1].activity.set_blocked(true);
        assert!(take(&slots, network(4)).is_some());
        assert!(is_closed(&busy[1]) && !is_closed(&newcomer));
    }
}
