//! Server functions: what the portal's forms are posted to, under `/api/fn/`. One file a resource.
//! Each authorises, asks `portal`, and says where to go; the work is `portal`'s.

mod session;
