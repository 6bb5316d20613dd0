"""Posters to draw, and names that do not fit."""

from dataclasses import replace

from tests.posters.samples import BOOTS, BOOTS_ART, SNOW

ARTS = {"artwork": BOOTS_ART, "headline": SNOW, "headline with product": replace(SNOW, picture=BOOTS)}
NAMES = ["芳", "王芳", "欧阳娜娜", "阿依古丽·买买提", "买买提江·阿不都热合曼", "古丽巴哈尔·买买提江娜娜"]
