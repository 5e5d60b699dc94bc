"""An invented painting contractor behind the real API's paths, on loopback.

    from simulator import build_tenant, serve

    tenant = build_tenant(seed=1, weeks=70, size="tiny")     # tiny, small, real
    with serve(tenant, page_size=1000) as api:
        os.environ.update(api.environment())                 # SERVICETITAN_* for the extractor
        ...
    records = tenant.records()                               # what simulator.oracle takes
    as_of = tenant.last_day                                  # Wednesday 2025-12-31

`tenant.change(entity, record)` edits, adds or deactivates, `one_day(tenant)` makes a day's worth of
changes; the export feeds then show them to those who read on. `tenant.cases` are the hard cases of
the definitions page that are planted in it. From a shell: `python -m simulator serve --help`.
"""

from simulator.api import Api, Request, Response, serve
from simulator.changes import one_day
from simulator.tenant import SIZES, Tenant, build_tenant

__all__ = ["SIZES", "Api", "Request", "Response", "Tenant", "build_tenant", "one_day", "serve"]
