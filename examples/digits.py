"""Draw the average of each handwritten digit, and find the digits that look least like theirs."""

import lineapy
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

PNG = b"\x89PNG\r\n\x1a\n"  # how every PNG file begins

digits = load_digits()
images = digits.images / 16.0
height, *rest = images.shape
left, right = images[..., :4], images[..., 4:]
lean = (right.sum(axis=(1, 2)) - left.sum(axis=(1, 2))).mean()

averages = np.stack([images[digits.target == digit].mean(axis=0) for digit in range(10)])
distance = ((images - averages[digits.target]) ** 2).mean(axis=(1, 2))
oddest = distance.argsort()[::-1][:10].tolist()
lineapy.save(averages, "average_digits")
lineapy.save(oddest, "oddest_digits")

total = 0


def count(digit):
    """How many images there are of `digit`; `total` adds them up."""
    global total
    found = int((digits.target == digit).sum())
    total += found
    return found


even = [count(0), count(2)]
even += [count(4), count(6), count(8)]
assert total == sum(even)
even_share = total / height

figure = plt.figure(figsize=(10, 2))
for digit, average in enumerate(averages):
    axis = figure.add_subplot(1, 10, digit + 1)
    axis.imshow(average, cmap="gray_r")
    axis.set_axis_off()
figure.savefig("digits.png")

with open("digits.png", "rb") as file:
    signature = file.read(8)
if signature != PNG:
    raise SystemExit("digits.png is no PNG file")
picture = Image.open("digits.png")
lineapy.save(picture, "digits_picture")
print(f"{even_share:.0%} even, leaning {lean:+.2f}, oddest: {oddest}")
