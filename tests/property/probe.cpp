#include "tests/property/explore.hpp"
#include <cstdio>
#include <chrono>
using namespace matriarch; using namespace matriarch::property;
void show(const char*n,const Tally&t){ printf("%s tried %zu of %zu; p50 %d p99 %d max %d; writes after %zu hints %zu\n",n,t.tried,t.total,t.percentile(.5),t.percentile(.99),t.percentile(1),t.writes_after,t.hints_followed);

 for(auto&[k,c]:t.broken) printf("  broken %s %zu\n",k.c_str(),c);

 for(auto&f:t.failures) printf("  %s\n",to_text(f).substr(0,900).c_str());
 fflush(stdout);}
int main(int argc,char**argv){
  const auto& w=workloads();
  for(auto&[n,v]:w.problems) printf("PROBLEM %s %s %s\n",n.c_str(),v.property.c_str(),v.what.c_str());
  for(auto&x:w.all) printf("%s %zu %zu\n",x.name.c_str(),x.boundaries.size(),x.writes);
  std::string k=argv[1]; size_t n=argc>2?atoi(argv[2]):1;
  auto t=std::chrono::steady_clock::now();
  if(k=="s") {auto t1=try_singles(n); show("singles",t1); auto all=all_cells(); size_t un=0; for(auto&c:all) un+=!t1.cells.contains(c); printf("cells %zu unreached %zu\n",all.size(),un);}
  if(k=="p") show("pairs",try_pairs({"first_deployment","version_change_stopped"},n));
  if(k=="r") show("random",try_random(n,1));
  if(k=="one"){ Universe u(scratch()); auto v=u.run(w.named(argv[2]),*model::parse_schedule(argv[3])); for(auto&x:v.violations) printf("%s %s\n",x.property.c_str(),x.what.c_str()); printf("%s\n",v.end.c_str());}
  printf("%.1f s\n",std::chrono::duration<double>(std::chrono::steady_clock::now()-t).count());
}
