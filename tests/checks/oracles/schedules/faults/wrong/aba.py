"""Compares the top of a stack, which has gone and come back in the meantime.

Fails by: broken promise
"""

from threading import Lock


class Node:
    def __init__(self, value, next):
        self.value, self.next = value, next


class Stack:
    def __init__(self):
        self.lock, self.version = Lock(), 0
        self.top = self.c = Node("c", None)
        self.top = self.b = Node("b", self.c)
        self.top = self.a = Node("a", self.b)

    def swap(self, old, new):
        with self.lock:
            if self.top is not old:
                return False
            self.top, self.version = new, self.version + 1
            return True

    def pop(self):
        while True:
            top = self.top
            if self.swap(top, top.next):
                return top

    def push(self, node):
        while True:
            top = self.top
            node.next = top
            if self.swap(top, node):
                return


def scene():
    stack = Stack()

    def pop_two_and_put_one_back():
        first, second = stack.pop(), stack.pop()
        stack.push(first)
        return second

    def slow_pop():
        top = stack.top
        following = top.next
        if stack.swap(top, following):
            return top

    def judge(outcomes):
        found = [each.value for each in outcomes.of.values() if each]
        while stack.top:
            found.append(stack.top.value)
            stack.top = stack.top.next
        return None if len(set(found)) == len(found) else f"taken and still there: {found}"

    return {"Ana": slow_pop, "Ben": pop_two_and_put_one_back}, judge
