//! One request on its way through the rules: who asks for what, and the answers most routes give.

use super::answer::{self, Answer, Shape};
use super::auth::Session;
use super::cell::Front;
use super::columns::{Columns, Scene};
use super::failure::Failure;
use super::list::{self, Page};
use super::permissions::Viewer;
use super::query::{self, Fallback, Wants};
use super::request::{Attributes, Params};
use super::store::Store;
use super::uuid::Uuid;
use super::write::Writer;
use std::sync::Arc;

/// What a route gives back.
pub type Handled = Result<Answer, Failure>;

/// A request, authenticated and read.
pub struct Call {
    pub front: Front,
    pub session: Session,
    pub params: Params,
    /// The `{uuid}` of the path.
    pub uuid: Option<String>,
}

impl Call {
    pub fn viewer(&self) -> &Viewer {
        &self.session.viewer
    }

    pub fn is_admin(&self) -> bool {
        self.viewer().is_admin()
    }

    pub fn scene<'a>(&'a self, store: &'a Store) -> Scene<'a> {
        Scene { store, viewer: self.viewer() }
    }

    /// The object of the path; what is no UUID is not found.
    pub fn target(&self) -> Result<Uuid, Failure> {
        self.uuid.as_deref().and_then(Uuid::parse).ok_or_else(Failure::not_found)
    }

    /// The row that the path names, if `readable` lets it through.
    pub fn found<R: Columns>(&self, store: &Store, readable: impl Fn(&R) -> bool) -> Result<Arc<R>, Failure> {
        store.get::<R>(self.target()?).filter(|row| readable(row)).cloned().ok_or_else(Failure::not_found)
    }

    /// The row that the path names, if the user can read it.
    pub fn found_readable<R: Columns>(&self, store: &Store) -> Result<Arc<R>, Failure> {
        self.found(store, |row: &R| self.viewer().can_read(store, row.common()))
    }

    pub fn attributes<R: Columns>(&self) -> Result<Attributes, Failure> {
        self.params.attributes(R::KIND.singular())
    }

    pub fn wants(&self) -> Result<Wants, Failure> {
        Wants::read(self.front, &self.params)
    }

    /// Writes in the user's name.
    pub fn writer<'a>(&self, store: &'a mut Store) -> Writer<'a> {
        Writer::new(store, self.viewer().uuid())
    }

    /// The answer that is one record.
    pub fn one<R: Columns>(&self, store: &Store, row: &R) -> Handled {
        let shape = Shape::new(self.front, query::selected_of(self.front, &self.params)?);
        Ok(answer::one(&self.scene(store), &shape, row))
    }

    /// The answer that is a page of the rows that `readable` lets through.
    pub fn list<R: Columns>(&self, store: &Store, readable: impl Fn(&R) -> bool) -> Handled {
        let wants = self.wants()?;
        let shape = Shape::new(self.front, wants.selected()?);
        let page: Page<R> = list::page(store, &wants, Fallback::Modified, readable)?;
        Ok(answer::list(&self.scene(store), &shape, &wants, &page))
    }

    /// Refuses all but admins.
    pub fn admin_required(&self) -> Result<(), Failure> {
        if self.is_admin() { Ok(()) } else { Err(Failure::forbidden()) }
    }
}
