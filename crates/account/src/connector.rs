//! The HTTP client below the SDK: hands each request to the world and waits its virtual latency.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::record::Fate;
use crate::world::{Answer, World};

/// A client of the given world for any SDK configuration.
pub(crate) fn http_client(world: World) -> SharedHttpClient {
    http_client_fn(move |settings, _components| {
        SharedHttpConnector::new(Connector { world: world.clone(), read_timeout: settings.read_timeout() })
    })
}

#[derive(Debug)]
struct Connector {
    world: World,
    /// A connector implements the read timeout itself (see `HttpConnectorSettings`); the connection is always there.
    read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // The effect takes place when the request arrives; only the answer takes time.
        let answer = plain(request).map(|request| self.world.answer(&request));
        let clock = self.world.clock();
        let read_timeout = self.read_timeout;
        HttpConnectorFuture::new(async move {
            let Answer { response, latency, fate } = answer?;
            let ends = match fate {
                Fate::Deliver | Fate::Reset => Some(latency),
                Fate::NeverAnswer => None,
            };
            match (ends, read_timeout) {
                (Some(latency), Some(limit)) if latency > limit => {
                    clock.sleep_for(limit).await;
                    return Err(ConnectorError::timeout("read timeout".into()));
                }
                (Some(latency), _) => clock.sleep_for(latency).await,
                (None, Some(limit)) => {
                    clock.sleep_for(limit).await;
                    return Err(ConnectorError::timeout("read timeout".into()));
                }
                // Only a timeout of the caller ends this.
                (None, None) => std::future::pending::<()>().await,
            }
            match fate {
                Fate::Reset => Err(ConnectorError::io("connection reset by peer".into())),
                Fate::Deliver | Fate::NeverAnswer => HttpResponse::try_from(response.map(SdkBody::from))
                    .map_err(|error| ConnectorError::other(error.into(), None)),
            }
        })
    }
}

fn plain(request: HttpRequest) -> Result<http::Request<Vec<u8>>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let bytes = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("the simulated account takes no streaming bodies".into()))?
        .to_vec();
    Ok(http::Request::from_parts(parts, bytes))
}
