import time, statistics, json
from tests.support.cast import add_cell
from tests.support.socket import NotebookSocket
def test_lat(server, worker, owner, notebook):
    cell = add_cell(owner, notebook, "print(1)")
    f=[];d=[];rep=[];run=[]
    with NotebookSocket(server, notebook.id, owner) as s:
        s.open()
        for i in range(60):
            t=time.perf_counter()
            s.send("run", scope="cell", cell_id=str(cell.id))
            t1=t2=t3=t4=None
            while t2 is None or t3 is None:
                fr=json.loads(s._socket.recv(timeout=20))
                n=time.perf_counter()
                if fr["type"]=="output": t1=n
                if fr["type"]=="reply": t3=n
                if fr["type"]=="event" and fr["event"]["type"]=="cell_status" and fr["event"]["status"]=="running": t4=n
                if fr["type"]=="event" and fr["event"]["type"]=="cell_status" and fr["event"]["status"]=="ok": t2=n
            f.append((t1-t)*1e3); d.append((t2-t)*1e3); rep.append((t3-t)*1e3); run.append((t4-t)*1e3)
    for k,v in dict(reply=rep,running=run,first=f,done=d).items():
        print(k, statistics.median(v[5:]), sorted(v[5:])[-3:])
