//! User statuses (STA-1 to STA-8).

use super::{AutoMessage, Connection, Refusal, StatusId, StatusName, StatusOrder, Symbol};

/// Most custom statuses there may be (STA-2).
const CUSTOM_MOST: usize = 7;

/// A status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Status {
    pub(super) name: StatusName,
    pub(super) connection: Connection,
    pub(super) assignable: bool,
    pub(super) auto_message: Option<AutoMessage>,
    alive: bool,
}

/// The statuses of a desk; ids of deleted ones are not used again.
#[derive(Clone, Debug)]
pub(super) struct Statuses {
    all: Vec<Status>,
    /// Living custom statuses, in their order.
    order: Vec<StatusId>,
}

impl Statuses {
    /// The system statuses (STA-1), under these names.
    pub(super) fn new(names: [StatusName; 3]) -> Statuses {
        let system = |name, connection, assignable, auto_message| Status {
            name,
            connection,
            assignable,
            auto_message,
            alive: true,
        };
        let [available, away, offline] = names;
        Statuses {
            all: vec![
                system(available, Connection::Connected, true, None),
                system(away, Connection::Inactive, false, Some(AutoMessage::Away)),
                system(offline, Connection::Disconnected, false, None),
            ],
            order: Vec::new(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    pub(super) fn order(&self) -> &[StatusId] {
        &self.order
    }

    pub(super) fn get(&self, id: StatusId) -> &Status {
        &self.all[id.index()]
    }

    pub(super) fn named(&self, folded: Symbol) -> Option<StatusId> {
        (0..self.all.len())
            .map(StatusId::at)
            .find(|id| self.all[id.index()].alive && self.all[id.index()].name.folded == Some(folded))
    }

    /// The status that a command names, if it lives.
    pub(super) fn living(&self, id: Option<StatusId>) -> Result<StatusId, Refusal> {
        id.filter(|id| self.all.get(id.index()).is_some_and(|status| status.alive)).ok_or(Refusal::UnknownStatus)
    }

    /// The custom status that a command names, if it lives (STA-1).
    pub(super) fn custom(&self, id: Option<StatusId>) -> Result<StatusId, Refusal> {
        let id = self.living(id)?;
        if id.0 < StatusId::SYSTEM { Err(Refusal::SystemStatus) } else { Ok(id) }
    }

    /// Adds a custom status at the end (STA-2, STA-3, STA-5).
    pub(super) fn create(
        &mut self,
        name: StatusName,
        connection: Connection,
        assignable: bool,
        auto_message: Option<AutoMessage>,
    ) -> Result<StatusId, Refusal> {
        self.check_name(name, None)?;
        if self.order.len() == CUSTOM_MOST {
            return Err(Refusal::TooManyStatuses);
        }
        check_assignable(connection, assignable)?;
        let id = StatusId::at(self.all.len());
        self.all.push(Status { name, connection, assignable, auto_message, alive: true });
        self.order.push(id);
        Ok(id)
    }

    /// Changes a custom status (STA-3, STA-5).
    pub(super) fn edit(
        &mut self,
        id: StatusId,
        name: Option<StatusName>,
        connection: Option<Connection>,
        assignable: Option<bool>,
        auto_message: Option<Option<AutoMessage>>,
    ) -> Result<(), Refusal> {
        if let Some(name) = name {
            self.check_name(name, Some(id))?;
        }
        let old = self.all[id.index()];
        let new = Status {
            name: name.unwrap_or(old.name),
            connection: connection.unwrap_or(old.connection),
            assignable: assignable.unwrap_or(old.assignable),
            auto_message: auto_message.unwrap_or(old.auto_message),
            alive: true,
        };
        check_assignable(new.connection, new.assignable)?;
        self.all[id.index()] = new;
        Ok(())
    }

    /// Puts the custom statuses in this order, which names each once.
    pub(super) fn reorder(&mut self, order: StatusOrder) -> Result<(), Refusal> {
        let named = &order.statuses[..order.statuses.len().min(order.given as usize)];
        let mut ids = Vec::with_capacity(named.len());
        for &id in named {
            let id = self.custom(id)?;
            if ids.contains(&id) {
                return Err(Refusal::StatusOrderIncomplete);
            }
            ids.push(id);
        }
        if order.given as usize != self.order.len() {
            return Err(Refusal::StatusOrderIncomplete);
        }
        self.order = ids;
        Ok(())
    }

    /// Deletes a custom status that nobody is in any more.
    pub(super) fn delete(&mut self, id: StatusId) {
        self.all[id.index()].alive = false;
        self.order.retain(|&other| other != id);
    }

    fn check_name(&self, name: StatusName, own: Option<StatusId>) -> Result<(), Refusal> {
        let folded = name.folded.ok_or(Refusal::StatusNameEmpty)?;
        match self.named(folded) {
            Some(other) if Some(other) != own => Err(Refusal::StatusNameTaken),
            _ => Ok(()),
        }
    }

    /// What must hold: STA-1, STA-2, STA-3, STA-5, STA-6.
    pub(super) fn audit(&self) -> Result<(), String> {
        let living: Vec<&Status> = self.all.iter().filter(|status| status.alive).collect();
        for (index, status) in living.iter().enumerate() {
            if living[..index].iter().any(|other| other.name.folded == status.name.folded) {
                return Err("STA-3: two statuses share a name".into());
            }
            check_assignable(status.connection, status.assignable).map_err(|refusal| refusal.to_string())?;
        }
        let system = self.all[..StatusId::SYSTEM as usize].iter().all(|status| status.alive);
        if !system || self.order.len() > CUSTOM_MOST || living.len() != StatusId::SYSTEM as usize + self.order.len() {
            return Err("STA-1, STA-2: a system status is gone, or there are too many".into());
        }
        if living.iter().all(|status| status.assignable) {
            return Err("STA-6: every status is assignable".into());
        }
        Ok(())
    }
}

/// STA-5.
fn check_assignable(connection: Connection, assignable: bool) -> Result<(), Refusal> {
    if connection == Connection::Connected && !assignable { Err(Refusal::ConnectedNotAssignable) } else { Ok(()) }
}
