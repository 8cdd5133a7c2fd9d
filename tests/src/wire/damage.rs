//! Damaged exchanges: what the check against the models must find.

use super::recorder::Exchange;

/// The fixtures whose exchanges are damaged: between them they call every service.
pub(super) const FIXTURES: [&str; 3] =
    ["guardduty/member-account", "guardduty/instance-already-gone", "config/several-offending-among-good"];

/// One kind of damage to one side of an exchange, and a part of the problem it must make.
#[derive(Debug)]
pub(super) struct Damage {
    /// The operation whose exchange is damaged.
    pub(super) operation: &'static str,
    /// The status of the exchange's response.
    pub(super) status: u16,
    side: Side,
    from: &'static str,
    to: &'static str,
    /// A part of the problem.
    pub(super) problem: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Url,
    RequestHeader,
    Response,
}

use Side::{Request, RequestHeader, Response, Url};

const fn damage(
    operation: &'static str,
    side: Side,
    from: &'static str,
    to: &'static str,
    problem: &'static str,
) -> Damage {
    Damage { operation, status: 200, side, from, to, problem }
}

/// At least one kind for each protocol, side and rule.
pub(super) const ALL: &[Damage] = &[
    // EC2: forms and XML.
    damage("CreateSecurityGroup", Request, "GroupName=", "GroupTitle=", "request: unknown parameter GroupTitle"),
    damage("CreateSecurityGroup", Request, "GroupDescription=", "VpcId=", "a parameter is given twice"),
    damage(
        "CreateSecurityGroup",
        Request,
        "GroupDescription=",
        "Text=",
        "Missing required parameter in input: \"Description\"",
    ),
    damage("CreateSnapshots", Request, "ExcludeBootVolume=false", "ExcludeBootVolume=no", "`no` is not a boolean"),
    damage("CreateSnapshots", Request, "ResourceType=snapshot", "ResourceType=picture", "`picture` is not one of"),
    damage(
        "CreateSnapshots",
        Request,
        "InstanceSpecification.InstanceId=",
        "InstanceId=",
        "unknown parameter InstanceId",
    ),
    damage("DescribeVolumes", Request, "Filter.1.Value.1=", "Filter.1.Value.2=", "unknown parameter Filter.1.Value.2"),
    damage("DescribeVolumes", Request, "Action=DescribeVolumes", "Action=DescribeDisks", "is not an operation of ec2"),
    damage("DescribeVolumes", Request, "Version=2016-11-15", "Version=2014-10-01", "not 2016-11-15"),
    damage("DescribeVolumes", RequestHeader, "/ec2/aws4_request", "/ebs/aws4_request", "not signed for ec2"),
    damage("DescribeVolumes", Url, "https://ec2.", "https://elb.", "botocore sends to"),
    damage("DescribeVolumes", Response, "<size>", "<gigabytes>8</gigabytes><size>", "response: unknown member"),
    damage("DescribeVolumes", Response, "<size>", "<size>about ", "is not an integer"),
    damage("DescribeVolumes", Response, "<encrypted>", "<encrypted>un", "is not a boolean"),
    damage(
        "DescribeVolumes",
        Response,
        "<volumeSet><item>",
        "<volumeSet><volume/><item>",
        "the elements are called item",
    ),
    damage("DescribeVolumes", Response, "<requestId>", "<requestNumber>1</requestNumber><requestId>", "unknown member"),
    damage("DescribeVolumes", Response, "doc/2016-11-15/", "doc/2014-10-01/", "in the XML namespace"),
    Damage {
        operation: "DescribeInstances",
        status: 400,
        side: Response,
        from: "<Errors><Error><Code>InvalidInstanceID.NotFound</Code>",
        to: "<Errors><Error>",
        problem: "botocore finds no error code",
    },
    // Query: forms and XML in wrappers.
    damage("Publish", Request, "MessageAttributes.entry.1.Name=", "MessageAttributes.1.Name=", "unknown parameter"),
    damage("Publish", Request, "&Message=", "&Text=", "Missing required parameter in input: \"Message\""),
    damage("Publish", Response, "<MessageId>", "<Id>1</Id><MessageId>", "unknown member Id"),
    damage("AssumeRole", Request, "DurationSeconds=900", "DurationSeconds=long", "is not an integer"),
    damage("AssumeRole", Request, "DurationSeconds=900", "DurationSeconds=9", "valid min value: 900"),
    damage("AssumeRole", Response, "Expiration>", "Ends>", "Credentials.Expiration: required and missing"),
    // JSON.
    damage("PutItem", Request, "\"TableName\"", "\"Table\"", "unknown parameter Table"),
    damage("PutItem", Request, "{\"S\":\"inc-", "{\"String\":\"inc-", "unknown parameter Item.incident_id.String"),
    damage("PutItem", Request, "{\"N\":\"1\"}", "{\"N\":1}", "`1` is not a string"),
    damage("PutItem", RequestHeader, "DynamoDB_20120810.PutItem", "DynamoDB_20120810.PutThing", "is not an operation"),
    damage("PutItem", Response, "{}", "{\"Stored\":true}", "unknown member Stored"),
    damage("DescribeInstanceInformation", Request, "\"Values\"", "\"Value\"", "unknown parameter Filters[0].Value"),
    damage(
        "DescribeInstanceInformation",
        Response,
        "\"PingStatus\":\"Online\"",
        "\"PingStatus\":\"Up\"",
        "`Up` is not one of",
    ),
    damage(
        "DescribeInstanceInformation",
        Response,
        "\"LastPingDateTime\":",
        "\"LastPingDateTime\":\"soon\",\"Was\":",
        "is not a timestamp",
    ),
    // REST and JSON.
    damage("BatchUpdateFindings", Request, "\"UpdatedBy\"", "\"Author\"", "unknown parameter Note.Author"),
    damage("BatchUpdateFindings", Request, "\"NOTIFIED\"", "\"DONE\"", "`DONE` is not one of"),
    damage(
        "BatchUpdateFindings",
        Url,
        "/findings/batchupdate",
        "/findings/update",
        "is not an operation of securityhub",
    ),
    damage(
        "BatchUpdateFindings",
        Response,
        "\"UnprocessedFindings\"",
        "\"Unprocessed\"",
        "UnprocessedFindings: required and missing",
    ),
    damage("GetFindings", Request, "\"MaxResults\":100", "\"MaxResults\":1000", "`1000` is above the maximum of 100"),
    damage("GetFindings", Response, "\"RecordState\"", "\"State\"", "unknown member Findings[0].State"),
];

impl Damage {
    /// A damaged copy of an exchange; `None` if it has no place for the damage.
    pub(super) fn apply(&self, exchange: &Exchange) -> Option<Exchange> {
        let mut damaged = exchange.clone();
        match self.side {
            Url => damaged.request.url = self.replaced(&damaged.request.url)?,
            RequestHeader => {
                let mut headers = damaged.request.headers.iter_mut();
                let (_, value) = headers.find(|(_, value)| value.contains(self.from))?;
                *value = self.replaced(value)?;
            }
            Request => damaged.request.body = self.replaced(std::str::from_utf8(&damaged.request.body).ok()?)?.into(),
            Response => {
                let response = damaged.response.as_mut()?;
                response.body = self.replaced(std::str::from_utf8(&response.body).ok()?)?.into();
            }
        }
        Some(damaged)
    }

    fn replaced(&self, text: &str) -> Option<String> {
        text.contains(self.from).then(|| text.replace(self.from, self.to))
    }
}
