// What Thunderbird told its user.
return said;
