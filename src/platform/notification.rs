//! Desktop notifications: a courtesy that must never hold anything up.

/// Shows a notification from a thread of its own. Where there is no notification service this is only logged.
pub fn notify(title: &str, body: &str) {
    let (title, body) = (title.to_owned(), escape_markup(body));
    let started = std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
        let shown = notify_rust::Notification::new()
            .appname("Bucketdrop")
            .icon("io.github.bucketdrop.Bucketdrop")
            .summary(&title)
            .body(&body)
            .show();
        if let Err(error) = shown {
            tracing::info!(%error, "no desktop notification");
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "no thread for a desktop notification");
    }
}

/// Notification services on Linux read a small HTML in the body; a file name must not be able to.
fn escape_markup(text: &str) -> String {
    if cfg!(target_os = "linux") {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        text.to_owned()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_no_markup() {
        assert_eq!(escape_markup("<b>a&b</b>.txt"), "&lt;b&gt;a&amp;b&lt;/b&gt;.txt");
    }
}
