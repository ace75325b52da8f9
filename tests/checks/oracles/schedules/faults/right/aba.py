"""Compares a version, too, which never comes back."""

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

    def swap(self, old, new, version):
        with self.lock:
            if self.top is not old or self.version != version:
                return False
            self.top, self.version = new, self.version + 1
            return True

    def pop(self):
        while True:
            with self.lock:
                top, version = self.top, self.version
            if self.swap(top, top.next, version):
                return top

    def push(self, node):
        while True:
            with self.lock:
                top, version = self.top, self.version
            node.next = top
            if self.swap(top, node, version):
                return


def scene():
    stack = Stack()

    def pop_two_and_put_one_back():
        first, second = stack.pop(), stack.pop()
        stack.push(first)
        return second

    def slow_pop():
        with stack.lock:
            top, version = stack.top, stack.version
        following = top.next
        if stack.swap(top, following, version):
            return top

    def judge(outcomes):
        found = [each.value for each in outcomes.of.values() if each]
        while stack.top:
            found.append(stack.top.value)
            stack.top = stack.top.next
        return None if len(set(found)) == len(found) else f"taken and still there: {found}"

    return {"Ana": slow_pop, "Ben": pop_two_and_put_one_back}, judge
