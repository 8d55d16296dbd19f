//! The doctor: why a link opens or not, layer by layer, and what can be done.

use tokio_util::sync::CancellationToken;

use super::book::Timely;
use super::one::Depth;
use crate::engine::objects::stopped;
use crate::engine::tools::Tools;
use crate::model::{
    AccessReport, CredentialSource, Event, Failure, ObjectRef, RequestId, Signing, decisive_first, ways,
};

impl Tools {
    /// Asks for the link anew, reads everything that our keys may read about it, and says what follows.
    pub(crate) async fn explain_access(self, request: RequestId, object: ObjectRef, stop: CancellationToken) {
        let result = tokio::select! {
            biased;
            () = stop.cancelled() => Err(stopped()),
            result = Box::pin(self.explain(&object)) => result,
        };
        let object = Box::new(object);
        let (report, timely) = match result {
            Ok(explained) => explained,
            Err(failure) => return self.sink.send(Event::AccessExplained { request, object, result: Err(failure) }),
        };
        self.checks.tell(vec![(report.check.clone(), timely)], |in_time| {
            // About an object that is there no more: whoever asked asks again of the one that is.
            let result = if in_time.is_empty() { Err(stopped()) } else { Ok(Box::new(report)) };
            self.history.note_checks(in_time);
            self.sink.send(Event::AccessExplained { request, object, result });
        });
    }

    async fn explain(&self, object: &ObjectRef) -> Result<(AccessReport, Timely), Box<Failure>> {
        let through = self.through(&object.connection).await?;
        self.checks.0.book.forget_settings(object);
        let address = through.address(object).await;
        let signing = match through.connection.credentials {
            CredentialSource::Anonymous => Signing::NoKeys,
            _ => Signing::Possible,
        };
        let checked = self.checks.check(&through, object, address, Depth::Everything, &*self.clock).await;
        let (check, layers, timely) = (checked.check, checked.layers, checked.timely);
        let service = through.connection.service;
        let mut ways = ways(&check.verdict, &layers, &object.key, signing);
        ways.retain(|way| way.exists_at(service));
        Ok((AccessReport { layers: decisive_first(layers, &check.verdict), ways, check }, timely))
    }
}
