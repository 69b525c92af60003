//! The commands about accounts, invitations and the server within the app; [`crate::commands::all`] lists them with the others.

use satchel_protocol::Id;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::ProfileChange;
use satchel_wallet::sync::SyncError;
use tauri::AppHandle;
use tauri_plugin_dialog::DialogExt;

use crate::commands::{Answer, away, say, state, taken};
use crate::problem::Problem;
use crate::state::lock;
use crate::words::Word;
use crate::{accounts as at, ipc, offers};

fn member(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|_| Problem::from(SyncError::UnknownAccount { given: text.to_owned() }))
}

/// All that is shown of accounts.
#[tauri::command]
pub async fn accounts(app: AppHandle) -> Answer<ipc::Accounts> {
    away(app, at::all).await
}

/// Begins a sign-in in the system's browser; where that is sent.
#[tauri::command]
pub async fn sign_in(app: AppHandle, server: String, keep: ipc::Keep, passphrase: Option<String>) -> Answer<String> {
    away(app, move |app| at::sign_in(app, &server, keep, passphrase)).await
}

/// Shows the page of a sign-in that waits once more.
#[tauri::command]
pub async fn open_again(app: AppHandle) -> Answer<()> {
    away(app, |app| {
        at::open_again(app);
        Ok(())
    })
    .await
}

/// Ends a sign-in that waits.
#[tauri::command]
pub async fn cancel_sign_in(app: AppHandle) -> Answer<()> {
    away(app, |app| {
        at::cancel(app);
        Ok(())
    })
    .await
}

/// Opens the sign-ins that are kept under a passphrase.
#[tauri::command]
pub async fn unlock(app: AppHandle, passphrase: String) -> Answer<()> {
    away(app, move |app| at::unlock(app, passphrase)).await
}

/// Throws the sign-ins away that nothing opens any more.
#[tauri::command]
pub async fn discard_sign_ins(app: AppHandle) -> Answer<()> {
    away(app, at::discard).await
}

/// Signs out, here or everywhere, and forgets the account where that is wanted.
#[tauri::command]
pub async fn sign_out(app: AppHandle, account: String, everywhere: bool, forget: bool) -> Answer<()> {
    away(app, move |app| at::sign_out(app, member(&account)?, everywhere, forget)).await
}

/// Syncs all accounts now.
#[tauri::command]
pub async fn sync_now(app: AppHandle) -> Answer<()> {
    away(app, |app| {
        at::sync_now(app);
        Ok(())
    })
    .await
}

/// The whole report on an invitation.
#[tauri::command]
pub async fn look_at(app: AppHandle, invitation: String) -> Answer<ipc::InspectedBadge> {
    away(app, move |app| at::look_at(app, &invitation)).await
}

/// Lets the person choose the picture of a QR code.
#[tauri::command]
pub async fn choose_picture(app: AppHandle) -> Answer<Option<ipc::Offer>> {
    away(app, |app| {
        let language = state(app).language();
        let dialog = app.dialog().file().set_title(say(Word::ChoosePicture, language));
        let dialog = dialog.add_filter(say(Word::Pictures, language), &["png", "jpg", "jpeg", "webp", "gif", "svg"]);
        Ok(taken(app, dialog.blocking_pick_file().and_then(|path| path.into_path().ok()).into_iter().collect()))
    })
    .await
}

/// The server that a QR code names, in a picture that was handed in or pasted; none where there is no such code. Nobody is asked.
#[tauri::command]
pub async fn server_in_picture(app: AppHandle, offer: Option<u32>, pasted: Option<Vec<u8>>) -> Answer<Option<String>> {
    away(app, move |app| {
        let handed_in = offer.and_then(|offer| lock(&state(app).offers).picture(offer));
        Ok(pasted.or(handed_in).and_then(|bytes| offers::server_in(&bytes)))
    })
    .await
}

/// Accepts an invitation, or declines it.
#[tauri::command]
pub async fn answer(app: AppHandle, invitation: String, accept: bool, public: Option<bool>) -> Answer<()> {
    away(app, move |app| {
        let id = invitation.parse().map_err(|_| Problem::from(SyncError::UnknownInvitation { given: invitation.clone() }))?;
        at::answer(app, id, accept, public.map(visibility))
    })
    .await
}

fn visibility(public: bool) -> Visibility {
    if public { Visibility::Public } else { Visibility::Private }
}

/// Notes that an invitation is to be answered later, or no longer so.
#[tauri::command]
pub async fn postpone(app: AppHandle, account: String, invitation: String, later: bool) -> Answer<()> {
    away(app, move |app| {
        let id = invitation.parse().map_err(|_| Problem::from(SyncError::UnknownInvitation { given: invitation.clone() }))?;
        let account = member(&account)?;
        let more = state(app).wallet(|wallet, _| {
            wallet.postpone(account, id, later)?;
            Ok(wallet.inbox()?.more)
        })?;
        if more > 0 {
            // Another one comes in its place.
            at::sync_now(app);
        }
        Ok(())
    })
    .await
}

/// The owner has read what was told up to this number.
#[tauri::command]
pub async fn note_read(app: AppHandle, number: u32) -> Answer<()> {
    away(app, move |app| state(app).wallet(|wallet, _| wallet.note_read(number.into()))).await
}

/// The devices of an account, after ending one of them.
#[tauri::command]
pub async fn devices(app: AppHandle, account: String, end: Option<String>) -> Answer<Vec<ipc::Device>> {
    away(app, move |app| {
        let unknown = |given: &String| Problem::from(SyncError::UnknownDevice { given: given.clone() });
        let end = end.map(|text| text.parse().map_err(|_| unknown(&text))).transpose()?;
        at::devices(app, member(&account)?, end)
    })
    .await
}

/// Says who sees the page of an account.
#[tauri::command]
pub async fn set_public(app: AppHandle, account: String, public: bool) -> Answer<()> {
    away(app, move |app| {
        let account = member(&account)?;
        let change = ProfileChange { visibility: Some(visibility(public)), ..ProfileChange::default() };
        state(app).wallet(|wallet, now| wallet.change_profile(account, change, now))?;
        at::sync_now(app);
        Ok(())
    })
    .await
}

/// Runs the server within the app, or does not.
#[tauri::command]
pub async fn set_server(app: AppHandle, on: bool) -> Answer<()> {
    away(app, move |app| {
        at::house(app, on)?;
        state(app).choose(|now| crate::settings::Settings { server: on, ..now })
    })
    .await
}
