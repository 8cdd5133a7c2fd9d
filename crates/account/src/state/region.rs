use std::any::{Any, TypeId, type_name};
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a service keeps in one Region of one account.
///
/// The bounds are what makes two accounts comparable: a state derives `Hash`, so that no field is left out by mistake.
pub trait ServiceState: Any + Clone + Debug + Default + Hash + Send + Sync {}

impl<S: Any + Clone + Debug + Default + Hash + Send + Sync> ServiceState for S {}

/// What the operations of a service see: the state of the service, or the whole [`Region`] where a service acts on
/// resources of another one.
pub(crate) trait OperationState: 'static {
    /// The state in a Region, to read.
    fn of(region: &Region) -> &Self;
    /// The state in a Region, to change.
    fn of_mut(region: &mut Region) -> &mut Self;
}

impl<S: ServiceState> OperationState for S {
    fn of(region: &Region) -> &Self {
        region.state()
    }

    fn of_mut(region: &mut Region) -> &mut Self {
        region.state_mut()
    }
}

impl OperationState for Region {
    fn of(region: &Region) -> &Self {
        region
    }

    fn of_mut(region: &mut Region) -> &mut Self {
        region
    }
}

/// The state of every service in one Region of one account, found by its type. Clones share each state until one of
/// them changes it.
#[derive(Debug, Clone, Hash)]
pub struct Region {
    /// In the order of the registry.
    states: Vec<Slot>,
}

#[derive(Debug, Clone)]
struct Slot {
    type_id: TypeId,
    state: Arc<dyn AnyState>,
}

impl Hash for Slot {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.state.hash_with(hasher);
    }
}

impl Region {
    /// A Region without any state; the registry adds one of each service.
    pub(crate) const fn without_services() -> Self {
        Self { states: Vec::new() }
    }

    /// The same Region with the empty state of a service.
    pub(crate) fn with<S: ServiceState>(mut self) -> Self {
        self.states.push(Slot { type_id: TypeId::of::<S>(), state: Arc::new(S::default()) });
        self
    }

    /// The state of a service.
    ///
    /// # Panics
    /// If `S` is the state of no service in the registry, or is detached.
    #[expect(
        clippy::panic,
        reason = "the registry puts the state of every service into every Region, and only code of these services asks"
    )]
    pub fn state<S: ServiceState>(&self) -> &S {
        let slot = self.states.iter().find(|slot| slot.type_id == TypeId::of::<S>());
        let state = slot.and_then(|slot| slot.state.as_any().downcast_ref());
        state.unwrap_or_else(|| panic!("no state of the type {} in a Region", type_name::<S>()))
    }

    /// The state of a service, to change.
    ///
    /// # Panics
    /// As [`Region::state`].
    #[expect(clippy::panic, reason = "as for `Region::state`")]
    pub fn state_mut<S: ServiceState>(&mut self) -> &mut S {
        let slot = self.states.iter_mut().find(|slot| slot.type_id == TypeId::of::<S>());
        let state = slot.and_then(|slot| unshared(&mut slot.state).downcast_mut());
        state.unwrap_or_else(|| panic!("no state of the type {} in a Region", type_name::<S>()))
    }

    /// Changes the state of one service beside the rest of the Region, which is without this state meanwhile.
    ///
    /// # Panics
    /// As [`Region::state`].
    #[expect(clippy::panic, reason = "as for `Region::state`")]
    pub(crate) fn detached<S: ServiceState, T>(&mut self, change: impl FnOnce(&mut S, &mut Self) -> T) -> T {
        let Some(index) = self.states.iter().position(|slot| slot.type_id == TypeId::of::<S>()) else {
            panic!("no state of the type {} in a Region", type_name::<S>())
        };
        let mut slot = self.states.remove(index);
        let Some(state) = unshared(&mut slot.state).downcast_mut() else {
            panic!("the state of the type {} is of another one", type_name::<S>())
        };
        let result = change(state, self);
        self.states.insert(index, slot);
        result
    }
}

/// A [`ServiceState`] of any type.
trait AnyState: Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn copied(&self) -> Arc<dyn AnyState>;
    fn hash_with(&self, hasher: &mut dyn Hasher);
}

impl<S: ServiceState> AnyState for S {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn copied(&self) -> Arc<dyn AnyState> {
        Arc::new(self.clone())
    }

    fn hash_with(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }
}

/// The state behind a shared pointer, copied first where another Region still shares it.
fn unshared(state: &mut Arc<dyn AnyState>) -> &mut dyn Any {
    if Arc::get_mut(state).is_none() {
        *state = state.as_ref().copied();
    }
    #[expect(clippy::expect_used, reason = "the pointer was unique, or has just been replaced by a new one")]
    Arc::get_mut(state).expect("a unique pointer").as_any_mut()
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    #[derive(Debug, Clone, Default, Hash, PartialEq)]
    struct First(u32);
    #[derive(Debug, Clone, Default, Hash, PartialEq)]
    struct Second(String);

    fn region() -> Region {
        Region::without_services().with::<First>().with::<Second>()
    }

    fn hashed(region: &Region) -> u64 {
        let mut hasher = DefaultHasher::new();
        region.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn a_clone_shares_until_it_changes() {
        let mut region = region();
        region.state_mut::<First>().0 = 1;
        let mut copy = region.clone();
        assert!(std::ptr::eq(region.state::<Second>(), copy.state::<Second>()));
        copy.state_mut::<First>().0 = 2;
        assert_eq!((region.state::<First>().0, copy.state::<First>().0), (1, 2));
        assert!(std::ptr::eq(region.state::<Second>(), copy.state::<Second>()));
    }

    #[test]
    fn equal_states_have_equal_hashes() {
        let (mut one, mut other) = (region(), region());
        one.state_mut::<Second>().0.push('a');
        assert_ne!(hashed(&one), hashed(&other));
        other.state_mut::<Second>().0.push('a');
        assert_eq!(hashed(&one), hashed(&other));
    }

    #[test]
    fn a_detached_state_is_put_back() {
        let mut region = region();
        region.detached(|first: &mut First, rest| {
            first.0 = 3;
            rest.state_mut::<Second>().0.push('b');
        });
        assert_eq!((region.state::<First>(), region.state::<Second>()), (&First(3), &Second("b".to_owned())));
    }
}
