//! SDK clients for the account and Region of an incident.
//!
//! A finding can be about any account of the organization. In the response account the function's own credentials
//! serve; in another account the clients assume the target role there. Clients are cached per account and Region for the
//! lifetime of the function instance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future};
use aws_sdk_ec2::config::retry::RetryPartition;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_types::SdkConfig;
use aws_types::region::Region;
use incident::{Incident, Resource, Timestamp};

use crate::{Environment, Error, ErrorName, Result, required};

/// The account that the functions run in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Account id of the response account.
    pub account: String,
}

impl Home {
    /// Reads `RESPONSE_ACCOUNT`.
    ///
    /// # Errors
    /// `Settings.Invalid` when the account is not set.
    pub fn read(environment: &Environment) -> Result<Home> {
        Ok(Home { account: environment.require("RESPONSE_ACCOUNT")?.to_owned() })
    }
}

/// The clients of a function, cheap to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    inner: Arc<Inner>,
    /// Name of the role to assume in other accounts; absent when only the response account is covered.
    target_role: Option<Arc<str>>,
}

#[derive(Debug)]
struct Inner {
    config: SdkConfig,
    home: Home,
    home_target: Arc<Target>,
    /// The SDK's retry token buckets are shared by the whole process unless clients name a partition of their own.
    retry_partition: RetryPartition,
    time: SharedTimeSource,
    sleep: SharedAsyncSleep,
    others: Mutex<BTreeMap<TargetKey, Arc<Target>>>,
}

/// What clients of another account or Region are kept by: account, Region, and the role that is assumed there.
type TargetKey = (String, String, Option<Arc<str>>);

impl Clients {
    /// Makes clients from a configuration with the credentials of the response account. Without a time source or a sleep
    /// in the configuration, the system clock and tokio's timer serve.
    pub fn new(config: SdkConfig, home: Home) -> Clients {
        let retry_partition = RetryPartition::custom("cordon").build();
        let home_target = Arc::new(Target::new(config.clone(), retry_partition.clone()));
        let time = config.time_source().unwrap_or_default();
        let sleep = config.sleep_impl().unwrap_or_else(|| SharedAsyncSleep::new(TokioSleep::new()));
        let others = Mutex::default();
        let inner = Inner { config, home, home_target, retry_partition, time, sleep, others };
        Clients { inner: Arc::new(inner), target_role: None }
    }

    /// The same clients with the name of the role to assume in other accounts.
    #[must_use]
    pub fn with_target_role(&self, role: Option<String>) -> Clients {
        Clients { inner: Arc::clone(&self.inner), target_role: role.map(Arc::from) }
    }

    /// The clients of the response account, in the Region of the function.
    pub fn home(&self) -> &Target {
        &self.inner.home_target
    }

    /// Account id of the response account.
    pub fn home_account(&self) -> &str {
        &self.inner.home.account
    }

    /// The clients for a resource of `account` in `region` of `partition`.
    ///
    /// # Errors
    /// `Settings.Invalid` when it is not the response account and no target role is configured.
    pub fn for_target(&self, partition: &str, account: &str, region: &str) -> Result<Arc<Target>> {
        let inner = &self.inner;
        let is_home = account == inner.home.account;
        if is_home && inner.config.region().is_some_and(|own| own.as_ref() == region) {
            return Ok(Arc::clone(&inner.home_target));
        }
        let role = if is_home { None } else { self.target_role.clone() };
        let key = (account.to_owned(), region.to_owned(), role.clone());
        // A panic while the lock was held cannot leave the map half changed: it is only read and inserted into.
        let mut others = inner.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = others.get(&key) {
            return Ok(Arc::clone(target));
        }
        let mut builder = inner.config.to_builder().region(Region::new(region.to_owned()));
        if !is_home {
            let role = role.ok_or_else(|| {
                Error::new(
                    ErrorName::SettingsInvalid,
                    format!(
                        "the resource is in account {account} and the payload lacks the setting `target_role`: deploy \
                         infra/member.yaml there and set the parameter TargetRolePrefix"
                    ),
                )
            })?;
            let provider = AssumedRole {
                sts: aws_sdk_sts::Client::from_conf(
                    aws_sdk_sts::config::Builder::from(&inner.config)
                        .retry_partition(inner.retry_partition.clone())
                        .build(),
                ),
                role_arn: format!("arn:{partition}:iam::{account}:role/{role}"),
            };
            builder.set_credentials_provider(Some(SharedCredentialsProvider::new(provider)));
            // The identity cache belongs to the configuration: without a new one the home credentials would be reused.
            builder.set_identity_cache(None);
        }
        let target = Arc::new(Target::new(builder.build(), inner.retry_partition.clone()));
        others.insert(key, Arc::clone(&target));
        Ok(target)
    }

    /// The clients for the instance of an incident, and its id.
    ///
    /// # Errors
    /// `Input.Invalid` when the incident is about something else, and as [`Clients::for_target`].
    pub fn for_instance<'a>(&self, incident: &'a Incident) -> Result<(Arc<Target>, &'a str)> {
        let Resource::Instance { id } = &incident.resource else {
            return Err(Error::new(
                ErrorName::InputInvalid,
                format!("the incident is about a {}, not an instance", incident.resource.kind()),
            ));
        };
        Ok((self.for_target(&incident.partition, &incident.account, &incident.region)?, id))
    }

    /// The time, from the clock that signs requests.
    pub fn now(&self) -> Timestamp {
        self.inner.time.now().into()
    }

    /// Waits, on the clock of the configuration.
    pub async fn pause(&self, duration: Duration) {
        self.inner.sleep.sleep(duration).await;
    }
}

/// The clients of one account and Region. Each is created on first use.
#[derive(Debug)]
pub struct Target {
    config: SdkConfig,
    retry_partition: RetryPartition,
    ec2: OnceLock<aws_sdk_ec2::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    securityhub: OnceLock<aws_sdk_securityhub::Client>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    auto_scaling: OnceLock<aws_sdk_autoscaling::Client>,
    load_balancing: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
}

/// Defines the accessor of one service's client.
macro_rules! client {
    ($(#[$doc:meta])* $field:ident, $sdk:ident) => {
        $(#[$doc])*
        pub fn $field(&self) -> &$sdk::Client {
            self.$field.get_or_init(|| {
                $sdk::Client::from_conf(
                    $sdk::config::Builder::from(&self.config)
                        .retry_partition(self.retry_partition.clone())
                        .build(),
                )
            })
        }
    };
}

impl Target {
    fn new(config: SdkConfig, retry_partition: RetryPartition) -> Target {
        Target {
            config,
            retry_partition,
            ec2: OnceLock::new(),
            ssm: OnceLock::new(),
            sns: OnceLock::new(),
            securityhub: OnceLock::new(),
            dynamodb: OnceLock::new(),
            auto_scaling: OnceLock::new(),
            load_balancing: OnceLock::new(),
            iam: OnceLock::new(),
            kms: OnceLock::new(),
            sts: OnceLock::new(),
        }
    }

    client! {
        /// EC2.
        ec2, aws_sdk_ec2
    }
    client! {
        /// Systems Manager.
        ssm, aws_sdk_ssm
    }
    client! {
        /// SNS.
        sns, aws_sdk_sns
    }
    client! {
        /// Security Hub.
        securityhub, aws_sdk_securityhub
    }
    client! {
        /// DynamoDB.
        dynamodb, aws_sdk_dynamodb
    }
    client! {
        /// EC2 Auto Scaling.
        auto_scaling, aws_sdk_autoscaling
    }
    client! {
        /// Elastic Load Balancing, version 2: application, network and gateway load balancers.
        load_balancing, aws_sdk_elasticloadbalancingv2
    }
    client! {
        /// IAM.
        iam, aws_sdk_iam
    }
    client! {
        /// AWS KMS.
        kms, aws_sdk_kms
    }
    client! {
        /// AWS STS.
        sts, aws_sdk_sts
    }
}

/// Credentials of a role in another account. Unlike the provider of `aws-config`, which shares its retry budget with the
/// whole process, this one uses the retry budget of its clients.
#[derive(Debug)]
struct AssumedRole {
    sts: aws_sdk_sts::Client,
    role_arn: String,
}

impl AssumedRole {
    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let output = self
            .sts
            .assume_role()
            .role_arn(&self.role_arn)
            .role_session_name("cordon")
            .duration_seconds(900)
            .send()
            .await
            .map_err(|error| {
                let mut error = Error::from_sdk("sts:AssumeRole")(error);
                error.message =
                    format!("{}; is infra/member.yaml deployed there? role {}", error.message, self.role_arn);
                CredentialsError::provider_error(error)
            })?;
        let credentials =
            required("sts:AssumeRole", "Credentials", output.credentials).map_err(CredentialsError::provider_error)?;
        let expiration = SystemTime::try_from(credentials.expiration).map_err(CredentialsError::provider_error)?;
        Ok(Credentials::new(
            credentials.access_key_id,
            credentials.secret_access_key,
            Some(credentials.session_token),
            Some(expiration),
            "cordon-target-role",
        ))
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}
