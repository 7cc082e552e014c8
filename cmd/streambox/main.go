// Command streambox turns a stick of videos into a cinema for every phone in the room.
package main

func main() {}
