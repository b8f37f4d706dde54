//! Stops operations at one of their steps until the test resumes them. For portals in this process.

use std::sync::Arc;

use futures::FutureExt;
use portal::operations::{Observer, Step};
use tokio::sync::Semaphore;

/// Stops every operation that reaches a step.
#[derive(Clone)]
pub struct Breakpoint {
    step: Step,
    reached: Arc<Semaphore>,
    resumed: Arc<Semaphore>,
}

impl Breakpoint {
    pub fn at(step: Step) -> Self {
        Self { step, reached: Arc::new(Semaphore::new(0)), resumed: Arc::new(Semaphore::new(0)) }
    }

    /// For the portal's settings.
    pub fn observer(&self) -> Observer {
        let breakpoint = self.clone();
        Arc::new(move |step| {
            let breakpoint = breakpoint.clone();
            async move {
                if step == breakpoint.step {
                    breakpoint.reached.add_permits(1);
                    breakpoint.resumed.acquire().await.unwrap().forget();
                }
            }
            .boxed()
        })
    }

    /// Waits until an operation has stopped.
    pub async fn reached(&self) {
        self.reached.acquire().await.unwrap().forget();
    }

    /// Lets one operation go on.
    pub fn resume(&self) {
        self.resumed.add_permits(1);
    }
}
