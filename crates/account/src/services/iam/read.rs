use aws_text::partition;

use super::session::{Place, Session};
use super::state::State;
use crate::services::ec2::ReadEc2;
use crate::state::ReadState;

/// Reads IAM without a call.
pub trait ReadIam: ReadState {
    /// The session that the instance metadata service would vend to an instance now; `None` if it vends none: the
    /// instance does not run, or has no profile with a role in it.
    fn instance_session(&self, account: &str, region: &str, instance_id: &str) -> Option<Session> {
        let instance = ReadEc2::instance(self, account, region, instance_id)?;
        let profile = instance.profile_arn.filter(|_| instance.state == "running")?;
        let home = partition::home_region(region);
        self.read(account, home, |home, now| home.state::<State>().session(&profile, instance_id, now))?
    }

    /// The sessions that an instance may still hold although its profile was replaced, or that were stolen before: one for
    /// each role behind such a profile.
    fn former_sessions(&self, account: &str, region: &str, instance_id: &str) -> Vec<Session> {
        let Some(instance) = ReadEc2::instance(self, account, region, instance_id) else { return Vec::new() };
        let sessions = self.read(account, partition::home_region(region), |home, now| {
            let profiles = instance.former_profiles.iter();
            profiles.filter_map(|profile| home.state::<State>().session(profile, instance_id, now)).collect()
        });
        sessions.unwrap_or_default()
    }

    /// Whether a session of an instance may do something now, in a Region, by the policies of its role; a session that was
    /// issued earlier or later is one with another `issued_at`. Attached policies count as allowing everything, except
    /// `AWSDenyAll`, because their documents are not known here; boundaries and policies of organizations and resources are
    /// left out.
    fn session_permits(&self, account: &str, region: &str, session: &Session, action: &str, resource: &str) -> bool {
        let place = Place { account, region, partition: partition::of_region(region) };
        let permits = self.read(account, partition::home_region(region), |home, now| {
            home.state::<State>().permits(session, &place, now, action, resource)
        });
        permits.unwrap_or(false)
    }
}

impl<T: ReadState> ReadIam for T {}
