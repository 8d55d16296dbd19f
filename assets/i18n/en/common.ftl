remaining-moment = x
