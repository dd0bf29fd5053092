"""Imports: files in, what they were taken for, what they changed, undo."""

from pages.parts import session
from pages.parts.empty import empty
from pages.parts.words import _

if not session.store().version:
    empty(_("还没有数据"), _("把客户、订单、拜访、计划等导出文件拖到下面，一次可以放多个。"))
