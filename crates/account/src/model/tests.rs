use serde_json::json;

use super::misfit::Why;
use super::*;
use crate::services::ec2;

/// One operation that has every kind of member.
pub(crate) const TABLE: &str = "\
!	query	x	2020-01-01	n
>	X	In	Out	-	Marker:NextMarker:PageSize
>	Y	-	-	-	-
x	Gone	404
@	Color	red	green
=	Deep
Name			s!
Size			i
=	In
Color			@Color
Flag			b
Items	Items		[entry:{Deep}]
Names			[s]
Tags			<Key:Value:s>
Attributes			<{Deep}>
Deep			{Deep}!
=	Out
Names			[s]
Items			[item:{Deep}]
Tags			<Key:Value:s>
Deep		deep	{Deep}
Flag			b
Text			s
";

fn model() -> Model {
    Model::read(TABLE)
}

#[test]
fn a_request_of_a_query_protocol_gets_the_names_and_types_of_the_sdks() {
    let wire = json!({
        "Color": "red", "Flag": "true", "Items": {"entry": [{"Name": "a", "Size": "2"}]}, "Names": ["n"],
        "Tags": {"entry": [{"Key": "k", "Value": "v"}]}, "Deep": {"Name": "d"},
        "Attributes": {"entry": [{"key": "k", "value": {"Name": "e"}}]}});
    let sdk = json!({
        "Color": "red", "Flag": true, "Items": [{"Name": "a", "Size": 2}], "Names": ["n"],
        "Tags": {"k": "v"}, "Deep": {"Name": "d"}, "Attributes": {"k": {"Name": "e"}}});
    assert_eq!(model().request("X", wire), Ok(sdk.clone()));
    assert_eq!(model().sdk_request("X", sdk.clone()), Ok(sdk));
    assert_eq!(model().request("Y", json!("")), Ok(json!({})));
    assert!(model().request("Z", json!("")).is_err_and(|error| error.is_unsupported()));
}

#[test]
fn what_does_not_fit_is_named_in_full() {
    let good = json!({"Deep": {"Name": "d"}});
    for (member, value, path, why) in [
        ("Colour", json!(1), "Colour", Why::Unknown),
        ("Items", json!([{"Name": "a", "Nam": 1}]), "Items[0].Nam", Why::Unknown),
        ("Items", json!([{"Name": "a"}, {"Size": 1}]), "Items[1].Name", Why::Missing),
        ("Deep", json!(null), "Deep", Why::Missing),
        ("Attributes", json!({"k": {"Name": 1}}), "Attributes.k.Name", Why::Type("a string")),
        ("Flag", json!("true"), "Flag", Why::Type("a boolean")),
        ("Color", json!("blue"), "Color", Why::Value("blue".to_owned(), vec!["red", "green"])),
    ] {
        let mut request = good.clone();
        if let Some(members) = request.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
        let misfit = model().check(1, &request, Part::Request);
        assert_eq!(misfit, Err(Misfit { path: path.to_owned(), why }));
    }
    assert_eq!(model().check(1, &good, Part::Request), Ok(()));
}

#[test]
fn a_response_is_checked_too() {
    let misfit = |value| model().check_response("X", &value).err();
    assert_eq!(misfit(json!({"Deep": {"Size": 1}, "Tags": {"k": "v"}})), None);
    assert_eq!(misfit(json!({"Deep": {"size": 1}})), Some(Misfit::unknown("Deep.size")));
    assert_eq!(misfit(json!({"Names": "a"})), Some(Misfit::of_type("a list").within("Names")));
    assert_eq!(model().page_tokens().collect::<Vec<_>>(), ["NextMarker"]);
}

#[test]
#[should_panic(expected = "malformed line in a service model: [\"Name\", \"\", \"\", \"?\"]")]
fn a_table_that_cannot_be_read_is_refused() {
    Model::read("=\tA\nName\t\t\t?");
}

#[test]
fn a_request_of_ec2_gets_sdk_names_and_types() {
    let wire = json!({"GroupId": "sg-1", "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": "22", "Groups": [{"GroupId": "sg-2"}]}], "DryRun": "true"});
    let expected = json!({"GroupId": "sg-1", "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": 22, "UserIdGroupPairs": [{"GroupId": "sg-2"}]}], "DryRun": true});
    let request = |parameters| ec2::SERVICE.model.request("AuthorizeSecurityGroupIngress", parameters);
    assert_eq!(request(wire), Ok(expected));
    let message = |parameters| request(parameters).err().map(|error| (error.code, error.message));
    let unknown = ("NotSimulated".to_owned(), "parameter IpPermissions[0].Port".to_owned());
    assert_eq!(message(json!({"IpPermissions": [{"Port": "22"}]})), Some(unknown));
    let wrong = "Invalid value for parameter IpPermissions[0].FromPort: expected an integer".to_owned();
    let wrong = ("InvalidParameterValue".to_owned(), wrong);
    assert_eq!(message(json!({"IpPermissions": [{"FromPort": "ssh"}]})), Some(wrong));
}

#[test]
fn a_cli_document_becomes_a_response_of_ec2_and_back() {
    let cli = json!({"Reservations": [{"Instances": [
        {"InstanceId": "i-1", "State": {"Name": "running", "Code": 16}, "SecurityGroups": [{"GroupId": "sg-1"}]}]}]});
    let response = json!({"reservationSet": [{"instancesSet": [
        {"instanceId": "i-1", "instanceState": {"name": "running", "code": 16}, "groupSet": [{"groupId": "sg-1"}]}]}]});
    let model = &ec2::SERVICE.model;
    assert_eq!(model.response_form("DescribeInstances", cli.clone()), Ok(response.clone()));
    assert_eq!(model.sdk_response("DescribeInstances", response), Ok(cli));
}
