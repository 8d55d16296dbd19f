//! Commands about links: who can open them, and what was handed out.

use tokio_util::sync::CancellationToken;

use super::actor::Actor;
use super::commands::run;
use super::tools::Tools;
use crate::model::{Command, Event, Failure, GivenLink, RequestId, SharingHistory};

impl Actor {
    pub(super) fn take_link_command(&mut self, command: Command) {
        let (tools, stop) = (self.tools.clone(), CancellationToken::new());
        match command {
            Command::CheckLinks { request, objects, extent } => {
                let task = tools.check_links(request, objects, extent, stop.clone());
                self.run_stoppable(request, stop, task);
            }
            Command::CheckSignedLinks { request, links, extent } => {
                let task = tools.check_signed_links(request, links, extent, stop.clone());
                self.run_stoppable(request, stop, task);
            }
            Command::CheckAddress { request, connection, object } => {
                run(tools.check_address(request, connection, object));
            }
            Command::ExplainAccess { request, object } => {
                let task = tools.explain_access(request, object, stop.clone());
                self.run_stoppable(request, stop, task);
            }
            Command::RecordLinks(links) => self.record_links(links),
            Command::ListHistory { request } => run(tools.list_history(request)),
            Command::ClearHistory { request } => run(tools.clear_history(request)),
            other => self.take_sharing_command(other),
        }
    }
}

impl Actor {
    /// Front ends need not know the time.
    fn record_links(&self, mut links: Vec<GivenLink>) {
        let now = self.tools.clock.now();
        for link in links.iter_mut().filter(|link| link.given_at == jiff::Timestamp::UNIX_EPOCH) {
            link.given_at = now;
        }
        self.tools.history.note_given(links);
    }
}

impl Tools {
    /// What was handed out and opened.
    async fn list_history(self, request: RequestId) {
        let changes = self.changes_made().await;
        let links = self.history.list().await;
        let listed_at = self.clock.now();
        self.tell_history(request, links.map(|links| SharingHistory { listed_at, links, changes }));
    }

    /// Forgets links; changes that can be taken back stay.
    async fn clear_history(self, request: RequestId) {
        let changes = self.changes_made().await;
        let cleared = self.history.clear().await;
        let listed_at = self.clock.now();
        self.tell_history(request, cleared.map(|()| SharingHistory { listed_at, links: Vec::new(), changes }));
    }

    fn tell_history(&self, request: RequestId, result: Result<SharingHistory, Failure>) {
        let result = result.map(Box::new).map_err(Box::new);
        self.sink.send(Event::HistoryListed { request, result });
    }
}
