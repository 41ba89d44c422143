echo uname proc > answer
