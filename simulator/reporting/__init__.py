"""The tenant's reports behind the reporting API: five that the office reads, as they would be now.

    api.reports.edit = lambda report_id, rows: [row | {"Amount": 0} for row in rows]
    api.reports.rename_field(7001, "CustomerName", "Client")     # the owner changed the report

definitions.py says which reports there are; job_rows.py and money_rows.py give their rows from the
records and the oracle's functions, never from the project's SQL; snapshot.py reads the tenant once
until it changes; parameters.py and pages.py read a call; service.py answers it.
"""

from simulator.reporting.service import Refused, Reports

__all__ = ["Refused", "Reports"]
