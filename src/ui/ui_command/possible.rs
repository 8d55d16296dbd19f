//! Which commands were possible when the palette was opened. Dialogs do not see the window's state, so the shell
//! leaves a note for it.

use std::sync::Arc;

use egui::{Context, Id};

use super::UiCommand;
use crate::model::AppModel;
use crate::ui::ui_state::UiState;

fn key() -> Id {
    Id::unique("bucketdrop-possible-commands")
}

/// Notes which commands are possible now. Call when the palette opens.
pub fn remember_possible(ctx: &Context, model: &AppModel, state: &UiState) {
    let possible: Vec<UiCommand> =
        UiCommand::ALL.iter().copied().filter(|command| command.is_enabled(model, state)).collect();
    ctx.data_mut(|data| data.insert_temp(key(), Arc::new(possible)));
}

/// The note; everything is possible where none was left.
pub(crate) fn possible(ctx: &Context) -> Arc<Vec<UiCommand>> {
    let noted: Option<Arc<Vec<UiCommand>>> = ctx.data(|data| data.get_temp(key()));
    noted.unwrap_or_else(|| Arc::new(UiCommand::ALL.to_vec()))
}
