//! The arena's paths: who asks is looked at first, then what.

use super::guard::{self, ENTRY, VOTER, Ways};
use super::{Arena, Came, Shown, page};
use crate::api::page::POLICY;
use crate::domain::Preference;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use std::sync::Arc;

/// A vote is a few words.
const MOST_BYTES: usize = 4 * 1024;
const YEAR: u64 = 365 * 24 * 3600;
const MONTH: u64 = 30 * 24 * 3600;

/// The paths; without an arena one page that says so.
pub fn arena(arena: Option<Arc<Arena>>) -> Router {
    let routes = match arena {
        None => Router::new().route("/arena", get(|| async { html(StatusCode::OK, page::off()) })),
        Some(arena) => Router::new()
            .route("/arena", get(index))
            .route("/arena/vote", post(vote))
            .route("/arena/login", post(login))
            .route("/arena/result/{id}", get(result))
            .layer(DefaultBodyLimit::max(MOST_BYTES))
            .with_state(arena),
    };
    routes.layer(map_response(guarded))
}

/// What every answer carries. The referrer stays within this server: without any, browsers send no origin with a form.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_FRAME_OPTIONS, "DENY");
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

fn html(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

fn note(status: StatusCode, title: &str, text: &str) -> Response {
    html(status, page::note(title, text))
}

fn to(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response(),
        Err(_) => broken(&"a path that is none"),
    }
}

fn broken(error: &dyn std::fmt::Display) -> Response {
    tracing::error!(%error, "the arena could not answer");
    note(StatusCode::INTERNAL_SERVER_ERROR, "Arena", "Something went wrong here; the log says more.")
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Who asks.
struct Who {
    /// The number in the cookie.
    id: String,
    /// What votes are kept under.
    voter: String,
    secure: bool,
    /// Whether the token was given, where there is one.
    entered: bool,
}

/// The names of what forms and cookies are signed for.
const ENTRY_FORM: &str = "login";

impl Arena {
    fn ways(&self) -> Ways<'_> {
        Ways { local: self.settings.token.is_none(), origins: &self.settings.origins }
    }

    /// What the cookie says of having entered: it holds for this voter and this token.
    fn entry(&self, id: &str) -> Option<String> {
        let token = self.settings.token.as_ref()?;
        Some(self.key.sign("entry", &[id, token.expose()]))
    }

    fn who(&self, headers: &HeaderMap) -> Result<Option<Who>, Box<Response>> {
        let Some(came) = guard::host(headers, self.ways()) else {
            let text = "This server is not asked by that name; hint: an address, or [server.arena] origins";
            return Err(Box::new(note(StatusCode::MISDIRECTED_REQUEST, "Arena", text)));
        };
        let Some(id) = guard::cookie(headers, VOTER).and_then(|cookie| self.key.voter(cookie)) else { return Ok(None) };
        let given = guard::cookie(headers, ENTRY).unwrap_or_default();
        let entered = match (&self.settings.token, self.entry(&id)) {
            (None, _) => true,
            (Some(_), Some(entry)) => self.key.same(&entry, given),
            (Some(_), None) => false,
        };
        let voter = self.key.pseudonym(&id);
        Ok(Some(Who { id, voter, secure: came.secure, entered }))
    }

    /// Who sends a form: from a page of ours, with a cookie of ours.
    fn sender(&self, headers: &HeaderMap) -> Result<Who, Box<Response>> {
        let who = self.who(headers)?;
        let refuse = |text| Err(Box::new(note(StatusCode::FORBIDDEN, "Not taken", text)));
        if !guard::is_ours(headers, self.ways()) {
            return refuse("This form was not sent by a page of this server.");
        }
        match who {
            Some(who) => Ok(who),
            None => refuse("There is no cookie of this page: without one a vote can't be told from another."),
        }
    }

    fn login_page(&self, status: StatusCode, id: &str, wrong: Option<&str>) -> Response {
        html(status, page::login(&self.key.sign("form", &[id, ENTRY_FORM]), wrong))
    }

    async fn contest_page(&self, who: &Who) -> Response {
        match self.show(&who.voter).await {
            Err(error) => broken(&error),
            Ok(Shown::Nothing) => html(StatusCode::OK, page::nothing()),
            Ok(Shown::Contest(id)) => {
                let form = self.key.sign("form", &[&who.id, &id]);
                let page = self.state().contests.get(&id).map(|contest| page::contest(&id, contest, &form));
                page.map_or_else(|| to("/arena"), |page| html(StatusCode::OK, page))
            }
        }
    }
}

async fn index(State(arena): State<Arc<Arena>>, headers: HeaderMap) -> Response {
    let who = match arena.who(&headers) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    let (who, cookie) = match who {
        Some(who) => (who, None),
        // The cookie was left out, since another page led here: it must not be overwritten by a new one.
        None if guard::is_from_elsewhere(&headers) => {
            return note(
                StatusCode::OK,
                "Arena",
                "Here people say which of two answers is better, not knowing whose they are.",
            );
        }
        None => {
            let Some(id) = guard::random() else { return broken(&"there are no random numbers") };
            let secure = guard::host(&headers, arena.ways()).is_some_and(|came| came.secure);
            let cookie = guard::set_cookie(VOTER, &arena.key.cookie(&id), secure, YEAR);
            let (voter, entered) = (arena.key.pseudonym(&id), arena.settings.token.is_none());
            (Who { id, voter, secure, entered }, Some(cookie))
        }
    };
    let response = match who.entered {
        true => arena.contest_page(&who).await,
        false => arena.login_page(StatusCode::FORBIDDEN, &who.id, None),
    };
    match cookie {
        Some(cookie) => with_cookie(response, &cookie),
        None => response,
    }
}

/// The fields of a form.
fn fields(body: &Bytes) -> impl Fn(&str) -> String {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

async fn login(State(arena): State<Arc<Arena>>, headers: HeaderMap, body: Bytes) -> Response {
    let who = match arena.sender(&headers) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    let (Some(token), Some(entry)) = (&arena.settings.token, arena.entry(&who.id)) else { return to("/arena") };
    let field = fields(&body);
    if !arena.key.verify("form", &[&who.id, ENTRY_FORM], &field("form")) {
        return note(
            StatusCode::FORBIDDEN,
            "Not taken",
            "This form is not one of this page; go back and load it again.",
        );
    }
    // Counted before it is compared, so that many at once are not more than one after another.
    let now = (arena.now)();
    let may = {
        let mut state = arena.state();
        let may = state.tries.may(now);
        if may {
            state.tries.failed();
        }
        may
    };
    if !may {
        let text = "Too many wrong tokens were given; wait a minute.";
        return arena.login_page(StatusCode::TOO_MANY_REQUESTS, &who.id, Some(text));
    }
    if !arena.key.same(&field("token"), token.expose()) {
        tracing::warn!("a wrong token was given to the arena");
        return arena.login_page(StatusCode::FORBIDDEN, &who.id, Some("That is not the token."));
    }
    arena.state().tries.succeeded();
    with_cookie(to("/arena"), &guard::set_cookie(ENTRY, &entry, who.secure, MONTH))
}

async fn vote(State(arena): State<Arc<Arena>>, headers: HeaderMap, body: Bytes) -> Response {
    let who = match arena.sender(&headers) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    if !who.entered {
        return arena.login_page(StatusCode::FORBIDDEN, &who.id, None);
    }
    let field = fields(&body);
    let id = field("contest");
    if !arena.key.verify("form", &[&who.id, &id], &field("form")) {
        return note(
            StatusCode::FORBIDDEN,
            "Not taken",
            "This form is not one of this page; go back and load it again.",
        );
    }
    let Some(preference) = Preference::from_label(&field("preference")) else {
        return note(StatusCode::BAD_REQUEST, "Not taken", "A vote is one of four: A, B, both good, both bad.");
    };
    match arena.vote(&who.voter, &id, preference).await {
        Err(error) => broken(&error),
        Ok(Came::Counted) => to(&format!("/arena/result/{id}")),
        Ok(Came::Twice) => {
            note(StatusCode::CONFLICT, "Already voted", "You have voted on these two answers; the first vote counts.")
        }
        Ok(Came::Unknown) => {
            let text = "These two answers were shown too long ago, or not to you. Nothing was counted.";
            note(StatusCode::GONE, "Not counted", text)
        }
    }
}

async fn result(State(arena): State<Arc<Arena>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let who = match arena.who(&headers) {
        Ok(Some(who)) if who.entered => who,
        Ok(_) => return to("/arena"),
        Err(refused) => return *refused,
    };
    let tally = match arena.tally().await {
        Ok(tally) => tally,
        Err(error) => return broken(&error),
    };
    let state = arena.state();
    let contest = state.contests.get(&id).filter(|contest| contest.voter == who.voter && contest.voted.is_some());
    match contest.map(|contest| page::result(contest, &tally)) {
        Some(page) => html(StatusCode::OK, page),
        None => to("/arena"),
    }
}
