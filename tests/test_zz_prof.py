import time, statistics, cProfile, pstats
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from tests.support.cast import add_cell
from apps.execution.commands import request_run
from apps.execution import wake as w
def test_prof(database, owner, notebook, monkeypatch):
    monkeypatch.setattr(w, "kick", lambda n: None)
    cell = add_cell(owner, notebook, "print(1)")
    request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
    with CaptureQueriesContext(connection, ) as c:
        request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
    for q in c.captured_queries: print(q["time"], q["sql"][:150])
    ts=[]
    for i in range(100):
        t=time.perf_counter(); request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id); ts.append((time.perf_counter()-t)*1e3)
    print("median", statistics.median(ts))
    from apps.execution.lane import LaneWorker
    from apps.execution.lease import Lease
    l=LaneWorker(notebook.id); l._lease=Lease.acquire(notebook.id); 
    with CaptureQueriesContext(connection) as c:
        cr=(lambda c: (l._announce(c), c)[1])(l._claim())
    for q in c.captured_queries: print(q["time"], q["sql"][:150])
    l._outputs.sink_of(cr.cell).take([{"output_type":"stream","name":"stdout","text":"1\n"}])
    with CaptureQueriesContext(connection) as c:
        l._finish(cr,"ok",execution_count=1)
    for q in c.captured_queries: print(q["time"], q["sql"][:150])
    a=[];b=[]
    for i in range(60):
        t=time.perf_counter(); cr=(lambda c: (l._announce(c), c)[1])(l._claim()); a.append((time.perf_counter()-t)*1e3)
        l._outputs.sink_of(cr.cell).take([{"output_type":"stream","name":"stdout","text":"1\n"}])
        t=time.perf_counter(); l._finish(cr,"ok",execution_count=1); b.append((time.perf_counter()-t)*1e3)
    print("claim",statistics.median(a),"finish",statistics.median(b))
    pr=cProfile.Profile(); pr.enable()
    for i in range(100): request_run(actor=owner.actor, notebook_id=notebook.id, scope="cell", cell_id=cell.id)
    pr.disable(); pstats.Stats(pr).sort_stats("cumtime").print_stats(45)
