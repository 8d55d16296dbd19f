//! `serve`: the embedded storage, for as long as nobody presses Ctrl-C.

use super::args::ServeArgs;
use super::client::{Client, Outcome, Rest, Stop};
use super::json::Line;
use super::output::Form;
use crate::model::{Command, Event, LocalAccess, RequestId, ServedBy};

/// `serve`. Ends with [`Stop::Interrupted`], which is how it is meant to end.
pub(super) fn serve(client: &mut Client<'_>, args: &ServeArgs) -> Result<Outcome, Stop> {
    let asked = RequestId::next();
    client.send(Command::LendLocalStorage { request: asked, port: args.port });
    let access = client.answer(|event| match event {
        Event::LocalStorageLent { request, result } if request == asked => Some(result),
        _ => None,
    })??;
    print(client, &access)?;
    if access.served_by == ServedBy::Another {
        client.printer.remark(&client.printer.words("cli-served-by-another", &[]))?;
        return Ok(Outcome::AllDone);
    }
    client.printer.remark(&client.printer.words("cli-serving", &[]))?;
    client.rest = Rest::IsNothing;
    client.answer(|_event| None::<Outcome>)
}

/// The one place that prints a secret, because whoever runs this asked to use the storage with other programs.
fn print(client: &mut Client<'_>, access: &LocalAccess) -> Result<(), Stop> {
    let (endpoint, region) = (access.endpoint.as_str(), access.region.as_str());
    let (key, secret) = (access.credentials.access_key_id.as_str(), access.credentials.secret_access_key.expose());
    let line = Line::Serving { endpoint, region, access_key_id: key, secret_access_key: secret };
    if client.printer.form == Form::Json {
        return Ok(client.printer.only_json(&line)?);
    }
    for (name, value) in [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", region),
        ("AWS_ACCESS_KEY_ID", key),
        ("AWS_SECRET_ACCESS_KEY", secret),
    ] {
        client.printer.result(&format!("export {name}={value}"), &line)?;
    }
    Ok(())
}
