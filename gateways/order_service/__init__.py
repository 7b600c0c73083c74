"""The order service, REST v2.0 (domain.md, The vendor's services), and the extensions of our simulator."""

from gateways.order_service.client import OrderServiceGateway
from gateways.order_service.config import OrderServiceConfig

__all__ = ["OrderServiceConfig", "OrderServiceGateway"]
