echo net user > answer
