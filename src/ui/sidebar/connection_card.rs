//! The card on top of the sidebar: which connection, how it is, and a menu to switch and change it.

use egui::{Align2, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::locale::failure_title;
use crate::model::{
    AppModel, Connection, ConnectionId, CredentialSource, Failure, OpenState, QueueHold, Service, Standing, key_tail,
};
use crate::ui::actions::{Action, Actions};
use crate::ui::dialogs::Dialog;
use crate::ui::text::{lang, t, t_with};
use crate::ui::ui_command::UiCommand;
use crate::ui::ui_state::UiState;
use crate::ui::widgets::{self, Chosen, menu_item, menu_separator, select_item};
use crate::ui::{icons, menus, theme};

/// Draws the card and its menu.
pub(super) fn connection_card_ui(ui: &mut Ui, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let response = card(ui, model);
    widgets::menu_of_width(&response, response.rect.width().max(240.0), |ui| {
        for connection in &model.connections {
            let is_open = model.open.as_ref().is_some_and(|open| open.id == connection.id);
            let name = connection_name(ui, connection);
            if select_item(ui, Chosen::from(is_open), &name, &service_name(ui, connection)).clicked() && !is_open {
                actions.push(Action::Open(connection.id.clone()));
            }
        }
        if model.connections.iter().all(|connection| !connection.id.is_local())
            && menu_item(ui, Some(icons::LAPTOP), &UiCommand::TryThisComputer.label(ui), None).clicked()
        {
            actions.push(Action::OpenLocalStorage);
        }
        menu_separator(ui);
        if let Some(open) = &model.open {
            own_items(ui, &open.id, model, state, actions);
        }
        if menu_item(ui, Some(icons::PLUS), &UiCommand::NewConnection.label(ui), None).clicked() {
            actions.push(Action::Ui(UiCommand::NewConnection));
        }
        if menu_item(ui, Some(icons::FILE_TEXT), &UiCommand::UseAwsProfile.label(ui), None).clicked() {
            actions.show(Dialog::AwsProfiles);
        }
    });
}

/// What can be done with the connection in use. The embedded storage's has nothing to edit.
fn own_items(ui: &mut Ui, id: &ConnectionId, model: &AppModel, state: &UiState, actions: &mut Actions) {
    let commands: &[UiCommand] = if id.is_local() || id.is_from_command_line() {
        &[UiCommand::TestConnection, UiCommand::DiagnoseConnection]
    } else {
        &[
            UiCommand::EditConnection,
            UiCommand::TestConnection,
            UiCommand::DiagnoseConnection,
            UiCommand::DuplicateConnection,
            UiCommand::DeleteConnection,
        ]
    };
    for command in commands {
        menus::command_item(ui, *command, model, state, actions);
    }
    menu_separator(ui);
}

fn card(ui: &mut Ui, model: &AppModel) -> Response {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), Sense::click());
    let (name, detail) = match model.current() {
        Some(connection) => (connection_name(ui, connection), connection_detail(ui, connection)),
        None => (t(ui, "no-connection"), t(ui, "no-connection-detail")),
    };
    let health = Health::of(model);
    let words = health.words(ui);
    let spoken = t_with(ui, "connection-card", &[("name", &name), ("detail", &detail), ("state", &words)]);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &spoken));

    let fill = if response.hovered() { tokens.hover } else { tokens.background };
    ui.painter().rect(rect, theme::radius::CARD, fill, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    health.paint(ui, Rect::from_center_size(pos2(rect.left() + 15.0, rect.center().y), vec2(10.0, 10.0)));
    let left = rect.left() + 29.0;
    let room = rect.right() - 32.0 - left;
    let title = widgets::elided_text(ui, &name, theme::semibold(theme::size::BODY), tokens.text, room);
    let response = title.paint(ui, pos2(left, rect.top() + 9.0), response);
    let caption = FontId::proportional(theme::size::CAPTION);
    let line = widgets::elided_text(ui, &detail, caption, tokens.dim, room);
    let response = line.paint(ui, pos2(left, rect.top() + 28.0), response);
    let caret = pos2(rect.right() - 17.0, rect.center().y);
    ui.painter().text(caret, Align2::CENTER_CENTER, icons::CARET_UP_DOWN, icons::font(15.0), tokens.dim);
    if response.has_focus() {
        widgets::focus_ring(ui, rect);
    }
    response.on_hover_text(words)
}

/// The name as shown; the embedded storage is called by a word of the language.
pub(super) fn connection_name(ui: &Ui, connection: &Connection) -> String {
    crate::ui::naming::connection(connection, crate::ui::text::lang(ui))
}

fn service_name(ui: &Ui, connection: &Connection) -> String {
    match (connection.service, connection.service.product_name()) {
        (_, Some(name)) => name.to_owned(),
        (Service::ThisComputer, None) => t(ui, "service-this-computer"),
        (_, None) => connection.request_endpoint().map(|e| e.host().to_owned()).unwrap_or_default(),
    }
}

/// `AKIA…Q7JM · ap-northeast-2`, or where the keys come from.
fn connection_detail(ui: &Ui, connection: &Connection) -> String {
    if connection.id.is_local() {
        let address = connection.endpoint.as_ref().map(|e| e.authority().to_owned());
        return address.unwrap_or_else(|| t(ui, "service-this-computer"));
    }
    let key = match &connection.credentials {
        CredentialSource::Keychain { access_key_id } | CredentialSource::ThisRunOnly { access_key_id } => {
            key_tail(access_key_id)
        }
        CredentialSource::AwsChain { profile: Some(profile), .. } => profile.clone(),
        CredentialSource::AwsChain { profile: None, .. } => t(ui, "aws-default-profile"),
        CredentialSource::Anonymous => t(ui, "anonymous"),
    };
    format!("{key} · {}", connection.region)
}

/// How the connection is, as a dot: colour, form and words.
#[derive(Clone, Copy)]
enum Health<'a> {
    None,
    Opening,
    /// Opened without a question to anybody.
    NotAsked,
    Good,
    /// Opened, and nobody answers now.
    Silent,
    /// Opened, and its keys or the way to it are refused since.
    Refused(&'a Failure),
    Bad,
}

impl<'a> Health<'a> {
    fn of(model: &'a AppModel) -> Self {
        let Some(open) = &model.open else { return Self::None };
        let is_waited_for =
            |hold: &QueueHold| matches!(hold, QueueHold::Offline { connection, .. } if *connection == open.id);
        match (&open.state, &open.standing) {
            (OpenState::Opening, _) => Self::Opening,
            (OpenState::Failed(_), _) => Self::Bad,
            (OpenState::Open, Standing::Refused(failure)) => Self::Refused(failure),
            (OpenState::Open, Standing::Silent(_)) => Self::Silent,
            (OpenState::Open, _) if model.transfers.holds.iter().any(is_waited_for) => Self::Silent,
            (OpenState::Open, Standing::NotAsked) => Self::NotAsked,
            (OpenState::Open, Standing::Answers) => Self::Good,
        }
    }

    fn words(self, ui: &Ui) -> String {
        let id = match self {
            Self::None => "connection-none",
            Self::Opening => "connection-opening",
            Self::NotAsked => "connection-not-asked",
            Self::Good => "connection-good",
            Self::Silent => "connection-silent",
            Self::Refused(failure) => {
                return t_with(ui, "connection-refused", &[("reason", &failure_title(lang(ui), failure))]);
            }
            Self::Bad => "connection-bad",
        };
        t(ui, id)
    }

    fn paint(self, ui: &Ui, rect: Rect) {
        let tokens = theme::tokens(ui);
        let centre = rect.center();
        match self {
            Self::None | Self::NotAsked => {
                ui.painter().circle_stroke(centre, 3.5, Stroke::new(1.5, tokens.faint));
            }
            Self::Opening => {
                ui.painter().circle_stroke(centre, 3.5, Stroke::new(1.5, tokens.accent));
            }
            Self::Good => {
                ui.painter().circle_filled(centre, 4.0, tokens.good);
            }
            Self::Silent => {
                let font = icons::font(13.0);
                ui.painter().text(centre, Align2::CENTER_CENTER, icons::WARNING_CIRCLE_FILL, font, tokens.warn);
            }
            Self::Refused(_) | Self::Bad => {
                let font = icons::font(13.0);
                ui.painter().text(centre, Align2::CENTER_CENTER, icons::X_CIRCLE_FILL, font, tokens.bad);
            }
        }
    }
}
