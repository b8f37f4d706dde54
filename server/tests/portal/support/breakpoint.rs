//! Breakpoint an operation at one of its steps, in this process, until the test has done what it came for.

use std::sync::Arc;

use futures::FutureExt;
use portal::operations::{Observer, Step};
use tokio::sync::Semaphore;

/// Holds every operation that reaches a step.
#[derive(Clone)]
pub struct Breakpoint {
    step: Step,
    here: Arc<Semaphore>,
    go: Arc<Semaphore>,
}

impl Breakpoint {
    pub fn at(step: Step) -> Self {
        Self { step, here: Arc::new(Semaphore::new(0)), go: Arc::new(Semaphore::new(0)) }
    }

    /// For the portal's settings.
    pub fn observer(&self) -> Observer {
        let breakpoint = self.clone();
        Arc::new(move |step| {
            let breakpoint = breakpoint.clone();
            async move {
                if step == breakpoint.step {
                    breakpoint.here.add_permits(1);
                    breakpoint.go.acquire().await.unwrap().forget();
                }
            }
            .boxed()
        })
    }

    /// Waits until an operation is held.
    pub async fn reached(&self) {
        self.here.acquire().await.unwrap().forget();
    }

    /// Lets one operation go on.
    pub fn release(&self) {
        self.go.add_permits(1);
    }
}
