"""The subscription service, SOAP 1.1 v2.0 (domain.md, The vendor's services)."""

from gateways.subscription_service.client import SubscriptionServiceGateway
from gateways.subscription_service.config import SubscriptionServiceConfig

__all__ = ["SubscriptionServiceConfig", "SubscriptionServiceGateway"]
