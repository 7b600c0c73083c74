"""Every Flask-Admin view of the product, in one list: a screen that is not here does not exist."""

from flask_admin import BaseView

from admin_views.batch_view import BatchView
from admin_views.customers import CustomerScreen
from admin_views.export_files import ExportFileView
from admin_views.imports import ImportView
from admin_views.new_subscription import NewSubscriptionView
from admin_views.order_sheets import OrderSheetView
from admin_views.plan_view import PlanView
from admin_views.price_lists import PriceListScreen
from admin_views.reconciliation import ReconciliationScreen
from admin_views.requests import RequestScreen
from admin_views.reseller_report import ResellerReportView
from admin_views.resellers import ResellerScreen
from admin_views.settings import SettingsView
from admin_views.skus import SkuScreen
from admin_views.subscription_list import SubscriptionListScreen
from admin_views.summary_report import SummaryReportView
from admin_views.users import UserScreen


def all_screens() -> list[BaseView]:
    """The views to register; each says itself where it stands in the menu and who may open it."""
    return [
        NewSubscriptionView(),
        SubscriptionListScreen(),
        ResellerReportView(),
        SummaryReportView(),
        SkuScreen(),
        CustomerScreen(),
        ResellerScreen(),
        UserScreen(),
        PriceListScreen(),
        RequestScreen(),
        ReconciliationScreen(),
        PlanView(),
        ExportFileView(),
        ImportView(),
        OrderSheetView(),
        BatchView(),
        SettingsView(),
    ]
