#include "tests/property/workloads.hpp"
#include <cstdio>
#include <chrono>
using namespace matriarch; using namespace matriarch::property;
int main(){
  const auto& w=workloads();
  for(auto&[n,v]:w.problems) printf("PROBLEM %s %s %s\n",n.c_str(),v.property.c_str(),v.what.c_str());
  Universe u(scratch());
  for(auto&x:w.all){
    auto t=std::chrono::steady_clock::now();
    Verdict v; for(int i=0;i<10;i++) v=u.run(x,{});
    double ms=std::chrono::duration<double,std::milli>(std::chrono::steady_clock::now()-t).count()/10;
    printf("%-24s calls %zu writes %zu passes %d  %.2f ms v=%zu\n",x.name.c_str(),x.calls.size(),x.writes,x.passes,ms,v.violations.size());
  }
  if (std::getenv("SHOW")) for(auto&c:w.named(std::getenv("SHOW")).calls) printf("%s %s [%s] %d\n",c.verb,c.object.c_str(),c.role.c_str(),c.is_write);
}
