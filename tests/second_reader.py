"""Reads codes with OpenCV, which the program does not use: the judge of every code that it draws."""

import cv2
import numpy


def second_reader(picture: bytes) -> str:
    """What the one code in the picture says, "" where none is seen.

    Of OpenCV's two detectors the plain one misses a clean code in twenty, this one none in 2,000.
    """
    pixels = cv2.imdecode(numpy.frombuffer(picture, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    return cv2.QRCodeDetectorAruco().detectAndDecode(pixels)[0]
