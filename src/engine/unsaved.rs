//! Connections of one run: what the command line's options describe, and the embedded storage's keys on demand.

use super::tools::Tools;
use crate::model::{Connection, Credentials, Event, Failure, FailureKind, LocalAccess, RequestId, SecretPlace};

impl Tools {
    /// Takes a connection that is not saved and makes it ready. The server is not asked anything yet.
    pub(crate) async fn use_connection(
        self,
        request: RequestId,
        connection: Box<Connection>,
        credentials: Option<Box<Credentials>>,
    ) {
        let id = connection.id.clone();
        if let Some(credentials) = credentials {
            // Memory does not fail.
            self.keychain.save(&id, &credentials, SecretPlace::ThisRunOnly).await.ok();
        }
        self.book.use_unsaved(*connection);
        self.sessions.forget(&id).await;
        let result = self.sessions.get(&id).await.map(|session| Box::new(session.connection().clone()));
        self.sink.send(Event::ConnectionOpened { request, id, result });
    }

    /// Takes a connection that an earlier run or another process has described, and tells front ends of it.
    pub(crate) fn bring(&self, connection: Connection) {
        self.sink.send(Event::ConnectionBrought(Box::new(connection.clone())));
        self.book.use_unsaved(connection);
    }

    /// Starts the embedded storage and gives out its keys.
    pub(crate) async fn lend_local_storage(self, request: RequestId, port: Option<u16>) {
        let result = self.local_access(port).await.map(Box::new).map_err(Box::new);
        self.sink.send(Event::LocalStorageLent { request, result });
    }

    async fn local_access(&self, port: Option<u16>) -> Result<LocalAccess, Failure> {
        let lent = self.local.lend_at(port).await?;
        let is_elsewhere = port.is_some_and(|port| !lent.endpoint.as_str().ends_with(&format!(":{port}")));
        if let (true, Some(port)) = (is_elsewhere, port) {
            let detail = format!("not at port {port}: the storage answers at {} already", lent.endpoint);
            return Err(Failure::new(FailureKind::LocalStorageFailed).detail(detail));
        }
        let served_by = self.local.served_by().await;
        Ok(LocalAccess { endpoint: lent.endpoint, region: lent.region, credentials: lent.credentials, served_by })
    }
}
