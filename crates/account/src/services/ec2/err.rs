//! The refusals of EC2: codes and texts as AWS documents them ("Error codes for the Amazon EC2 API") and sends them.

use crate::base::ServiceError;

/// The kinds of resource that may not be there: code, and the text around the id.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) enum Kind {
    Instance,
    Interface,
    Group,
    Rule,
    Volume,
    Snapshot,
    Vpc,
    Subnet,
    Allocation,
    AddressAssociation,
    ProfileAssociation,
    Attachment,
}

impl Kind {
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Instance => ("InvalidInstanceID", "instance ID", "i"),
            Self::Interface => ("InvalidNetworkInterfaceID", "networkInterface ID", "eni"),
            Self::Group => ("InvalidGroup", "security group", "sg"),
            Self::Rule => ("InvalidSecurityGroupRuleId", "security group rule ID", "sgr"),
            Self::Volume => ("InvalidVolume", "volume", "vol"),
            Self::Snapshot => ("InvalidSnapshot", "snapshot", "snap"),
            Self::Vpc => ("InvalidVpcID", "vpc ID", "vpc"),
            Self::Subnet => ("InvalidSubnetID", "subnet ID", "subnet"),
            Self::Allocation => ("InvalidAllocationID", "allocation ID", "eipalloc"),
            Self::AddressAssociation => ("InvalidAssociationID", "association ID", "eipassoc"),
            Self::ProfileAssociation => ("InvalidAssociationID", "association ID", "iip-assoc"),
            Self::Attachment => ("InvalidAttachmentID", "attachment ID", "eni-attach"),
        }
    }

    /// The error for an id that has the form of this kind and names nothing, or has not even the form.
    pub(super) fn absent(self, id: &str) -> ServiceError {
        let (code, _, prefix) = self.parts();
        let digits = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
        let well_formed = digits
            .is_some_and(|digits| matches!(digits.len(), 8 | 17) && digits.bytes().all(|b| b.is_ascii_hexdigit()));
        if !well_formed {
            let malformed = match self {
                Self::Group => "InvalidGroupId.Malformed",
                Self::Volume => "InvalidVolumeID.Malformed",
                Self::Snapshot => "InvalidSnapshotID.Malformed",
                Self::Interface => "InvalidNetworkInterfaceId.Malformed",
                Self::Vpc => "InvalidVpcId.Malformed",
                _ => return ServiceError::new(format!("{code}.Malformed"), format!("Invalid id: \"{id}\"")),
            };
            return ServiceError::new(malformed, format!("Invalid id: \"{id}\""));
        }
        self.absent_all(&[id])
    }

    /// The error for ids that name nothing.
    pub(super) fn absent_all(self, ids: &[&str]) -> ServiceError {
        let (code, noun, _) = self.parts();
        let text = match ids {
            [id] => format!("The {noun} '{id}' does not exist"),
            _ => format!("The {noun}s '{}' do not exist", ids.join(", ")),
        };
        ServiceError::new(format!("{code}.NotFound"), text)
    }
}

pub(super) fn invalid(text: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterValue", text)
}

pub(super) fn combination(text: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterCombination", text)
}

/// A request that would have succeeded.
pub(super) fn dry_run() -> ServiceError {
    ServiceError::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set.").status(412)
}
