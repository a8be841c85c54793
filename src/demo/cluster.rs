//! The cluster behind the server: one request in, one reply out, without any network.

use super::answer::Answer;
use super::auth::{self, Session};
use super::call::Call;
use super::failure::Failure;
use super::moment::Moment;
use super::request::Params;
use super::routes::{self, Found, Route, Work};
use super::store::Store;
use super::uuid::Uuid;
use crate::secret::Secret;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A request as it came over the wire.
pub struct Incoming<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    /// `X-Http-Method-Override`
    pub instead: Option<&'a str>,
    pub authorization: Option<&'a str>,
    pub content_type: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub body: &'a [u8],
}

/// What goes back.
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    pub request_id: String,
    /// The token that was used, if it is one.
    pub token: Option<Uuid>,
}

/// What of a change stays.
#[derive(Clone, Copy)]
enum Keep {
    All,
    Nothing,
}

/// The store, its root token, and the rules in front of it.
pub struct Cluster {
    store: RwLock<Store>,
    root: Secret,
    requests: AtomicU64,
}

impl Cluster {
    pub fn new(store: Store, root: Secret) -> Self {
        Self { store: RwLock::new(store), root, requests: AtomicU64::new(0) }
    }

    pub fn root(&self) -> &Secret {
        &self.root
    }

    pub fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of a request: the one it came with, or a new one.
    pub fn request_id(&self, given: Option<&str>) -> String {
        match given.filter(|id| !id.is_empty() && id.len() <= 1024) {
            Some(id) => id.to_owned(),
            None => format!("req-{}", letters(self.requests.fetch_add(1, Ordering::Relaxed), 20)),
        }
    }

    /// Does what a request asks.
    pub fn answer(&self, incoming: &Incoming<'_>) -> Reply {
        self.handle(incoming, Keep::All)
    }

    /// Answers as if it did what a request asks.
    pub fn pretend(&self, incoming: &Incoming<'_>) -> Reply {
        self.handle(incoming, Keep::Nothing)
    }

    /// What its clock shows.
    pub fn now(&self) -> Moment {
        self.read().clock.now()
    }

    fn handle(&self, incoming: &Incoming<'_>, keep: Keep) -> Reply {
        if self.read().sweep_is_due() {
            self.write().sweep();
        }
        let request_id = self.request_id(incoming.request_id);
        let (method, query) = effective(incoming);
        let (front, token, handled) = match routes::find(&method, incoming.path) {
            Found::Nothing(front, failure) => (front, None, Err(failure)),
            Found::Route { route, uuid } => {
                let (token, handled) = self.routed(route, uuid, &method, incoming, keep);
                (route.front, token, handled)
            }
        };
        let handled = match handled {
            Ok(Answer::Body(body)) => Ok(body),
            Ok(Answer::Unreadable(why)) => Err(Failure::controller(500, why)),
            Err(failure) => Err(failure),
        };
        let (status, body) = match handled {
            Ok(body) => (200, body),
            Err(failure) => {
                let path = if query.is_empty() || method != "GET" {
                    incoming.path.to_owned()
                } else {
                    format!("{}?{query}", incoming.path)
                };
                let seconds = self.read().clock.now().as_second();
                let error_token = format!("{seconds}+{}", hex(&request_id));
                let body = failure.body(front, &path, &request_id, &error_token);
                (failure.status, body.to_string().into_bytes())
            }
        };
        Reply { status, body, request_id, token }
    }

    fn routed(
        &self,
        route: &Route,
        uuid: Option<String>,
        method: &str,
        incoming: &Incoming<'_>,
        keep: Keep,
    ) -> (Option<Uuid>, Result<Answer, Failure>) {
        let read = match route.work {
            Work::Open(work) => return (None, Ok(work(&self.read()))),
            Work::Read(work) => Ok(work),
            Work::Write(work) => Err(work),
        };
        let params = match Params::read(route.front, incoming.query, incoming.content_type, incoming.body) {
            Ok(params) => params,
            Err(failure) => return (None, Err(failure)),
        };
        let prepare = |store: &Store| {
            let session = self.session(store, &params, incoming)?;
            let allowed = route.is_free() || session.allows(route.scope_method(method), incoming.path);
            Ok((session, allowed))
        };
        let call = |session: Session| Call { front: route.front, session, params: params.clone(), uuid };
        match read {
            Ok(work) => {
                let store = self.read();
                match prepare(&store) {
                    Err(failure) => (None, Err(failure)),
                    Ok((session, false)) => (Some(session.token_uuid()), Err(Failure::forbidden())),
                    Ok((session, true)) => (Some(session.token_uuid()), work(&call(session), &store)),
                }
            }
            Err(work) => {
                let mut store = self.write();
                match prepare(&store) {
                    Err(failure) => (None, Err(failure)),
                    Ok((session, false)) => (Some(session.token_uuid()), Err(Failure::forbidden())),
                    Ok((session, true)) => {
                        let token = session.token_uuid();
                        store.begin();
                        let handled = work(&call(session), &mut store);
                        match (&handled, keep) {
                            (Ok(_), Keep::All) => store.commit(),
                            (Ok(_), Keep::Nothing) | (Err(_), _) => store.roll_back(),
                        }
                        (Some(token), handled)
                    }
                }
            }
        }
    }

    fn session(&self, store: &Store, params: &Params, incoming: &Incoming<'_>) -> Result<Session, Failure> {
        let given = incoming
            .authorization
            .and_then(|text| text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("OAuth2 ")))
            .or_else(|| params.text("api_token"))
            .ok_or_else(Failure::not_logged_in)?;
        auth::authenticate(store, &self.root, given.trim())
    }
}

/// The method that is meant, and the query: a long GET comes as a POST with its query in the body (b.1).
fn effective(incoming: &Incoming<'_>) -> (String, String) {
    let is_form =
        incoming.content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let form = if is_form { incoming.body } else { &[] };
    let mut method = incoming.instead.unwrap_or(incoming.method).to_uppercase();
    if incoming.method != "POST" {
        return (incoming.method.to_owned(), incoming.query.to_owned());
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        url::form_urlencoded::parse(incoming.query.as_bytes()).chain(url::form_urlencoded::parse(form))
    {
        if name == "_method" {
            method = value.to_uppercase();
        } else {
            query.append_pair(&name, &value);
        }
    }
    (method, query.finish())
}

fn hash_of(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn hex(text: &str) -> String {
    format!("{:016x}", hash_of(&text)).split_off(8)
}

/// `len` characters out of `0-9a-z` that belong to a number.
fn letters(number: u64, len: u64) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let digit = |at: u64| usize::try_from(hash_of(&(number, at)) % 36).unwrap_or_default();
    (0..len).map(|at| char::from(ALPHABET[digit(at)])).collect()
}
