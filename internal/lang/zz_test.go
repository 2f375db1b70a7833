package lang
import ("testing";"fmt";"github.com/qmpalert/qmpalert/qmp")
func TestZZ(t *testing.T){
 env:=Env{Event:qmp.Lookup("BLOCK_IO_ERROR"),Vars:WindowVars()}
 for _,s:=range []string{`action == "stop" and operation == "write"`,`action = "stop"`,`node-name == "a"`,`nodename == "a"`,`action == "stpo"`,`action in ["stop","foo"]`,`len == 3`,`node_name`,`repeat("a",3)`,`device < 3`,`time.Hour() > 3`,`time.Hour > 3`,`device.Hour() == 3`,`time.Foo() == 3`,`count >= 18446744073709551615`,`count AND nospace`,`foo(3)`,`human_bytes(1,2)`,`nospace or (`,`vm.nam == "a"`,`action.foo == 1`,`action matches node_name`,`"a" matches "("`,`1..n`,`data["x"] == 3`,`now() > time`,`reason contains "x" and not nospace`,`$env`,`a; b`,`5m > 3`,`trim(1)`, `“x”`, ``, `sort(sort(sort(sort(sort(sort(sort(sort([1]))))))))`, `nospace ? "a":"b"`,`null == device`,`nospace == "true"`,`human_bytes(count) + 1`,`any(1..3, {# > 2}) and map(1..2, #index)[0] == 1`,`type == "x"`,`let x = 3; x > count`}{
  p,pr:=Compile(s,env,Condition)
  if p!=nil {fmt.Println("OK ",s,"  ",p.Canonical())}
  for _,x:=range pr {fmt.Printf("%s\n    %d-%d %s %s -- %s\n",s,x.Offset,x.End,x.Code,x.Message,x.Hint)}
 }
}
