"""How are the columns of the owners' archive called in Chinese? (C4)"""

from reports.words import Voice

_ZH = """
absorbed_by 并入作业; act 动作; action 行动; action_id 措施序号; activated_at 启动时间; actual 实际金额; adopted 是否通过
after_action 事后评估; after_action_on 评估日期; agenda 议程; agreed_on 商定日期; amount 金额; annual_cost 年成本
annual_fee 年服务费; applied_at 采用时间; asked_on 提请日期; asset_count 资产数; asset_tag 资产编号; assigned_on 到岗日期
at 时间; attended_count 出席数; audited_on 审核日期; authenticated_by 确认方式; backlog_cost 待修费用; based_on 所依版本
basis 依据; booked_on 记账日期; budget 预算; by_meter 按计量; called_on 召集日期; category 分类; certificate 证书
certificate_expires_on 证书到期; certificate_title 证书名称; channel 渠道; checked_on 检查日期; choices 选项; clause 条款
client_name 委托方; closed_at 关闭时间; closed_by 关闭人; closed_on 结束日期; closes_on 截止日期; code 代码
commitment_code 承诺代码; commitment_id 承诺序号; compiled_on 编制日期; condition 状况; confidential 是否保密; content 内容
content_sha256 内容指纹; contract_id 合同序号; copies 复印件; corrects 更正记录; cost 费用; cost_item 费用项目; counts 计数
created_at 建立时间; criterion 检查项; currency 币种; custodian_name 托管方; day 日期; days_retained 录像保存天数
decided_on 决定日期; declared_by 声明人; denominator 分母; detail 详情; dimension 维度; document_ref 资料编号
document_sha256 文件指纹; done_at 完成时间; done_note 完成说明; done_on 完成日期; downtime_hours 停机小时; drift_seconds 时钟偏差秒
due_on 应办日期; duties 职责; edition 版本; effective_on 生效日期; element_class 部位类别; ends 结束; ends_at 结束时间
entitled_count 有权人数; estimated_cost 估算费用; event 事项; evidence 凭证; expected_life_years 设计寿命年; expense 支出
expires_on 到期日期; explanation 说明; extent 范围; facility_band 设施指数等级; facility_bands 等级表; facility_index 设施指数
facts 要点; faults 故障; fee_model 收费方式; figures 数据; file_name 文件名; finding_count 缺陷数; finding_ref 缺陷编号
floating 是否浮动; floor_area 建筑面积; formula 公式; found_on 发现日期; frame_count 名册数; from_due 原期限; from_on 起始日期
from_post 原岗位; frost 霜冻; hash 哈希; head 条款类别; headcount 编制人数; heads_on_duty 在岗人数; healthy 是否正常
held_on 举行日期; high 上限; holder 持证人; hours 工时; id 序号; imported_at 导入时间; in_order 是否完好; incident_id 事件序号
income 收入; inspected_at 检查时间; inspected_on 检查日期; inspection_id 检查序号; inspector 勘查人; installed_on 安装日期
instalments 分期; instrument 问卷; intensity 程度; invited_count 邀请数; is_drill 是否演练; issued_at 签发时间; issued_by 签发人
issued_on 签发日期; issuer 发证机关; item 项目; item_code 题项代码; items 题项; jurisdiction 适用法域; kind 类别
label_en 名称英文; label_zh 名称中文; language 语言; late 逾期类型; late_entry 是否补录; latest_on 最迟日期; lead_days 提前天数
left_on 离岗日期; legal_latest_on 法定最迟日期; lesson 教训; life_months 寿命月数; listed_on 列入日期
longest_interval_days 最长间隔天数; loss_amount 损失金额; low 下限; manufacturer 制造商; mark 评分; material_cost 材料费
measure 衡量方式; media_type 文件类型; meeting_id 会议序号; meeting_place 会议地点; met_count 达标数; metric 指标; minutes 分钟或纪要
minutes_version 纪要版本; missed 遗漏; missed_count 未达标数; model_number 型号; module_code 课程代码; moved_on 变动日期; n 样本数
name 名称; new_annual_fee 新年服务费; no_data_count 无数据数; nominal_on 名义日期; note 备注; number 编号; numerator 分子
objection 异议; old_annual_fee 原年服务费; on_demand 是否按需; opened_on 开始日期; ordinal 次序; originals 原件; outcome 结果
owner 责任方; pages 页数; paid_on 付款日期; parent_code 上级场所; part 部件; part_code 备件代码; part_number 备件号; party 当事方
pass_mark 合格线; passed 是否合格; payer 费用承担方; payer_basis 承担依据; period 期间; picture 画面; place 地点; place_code 场所代码
plan_id 方案序号; plan_kind 预案类别; planned_on 计划日期; planning 排程方式; point_code 巡逻点代码; population 总体; position 顺序
post_code 岗位代码; posts 岗位; previous_hash 前一哈希; priority 优先级; property_name 物业名称; property_type 物业类型; purpose 目的
quantity 数量; question 问题; quorum 法定人数; rain_mm 降雨毫米; rating 评价; read_on 读数日期; reading 读数; reason 原因
received_at 受理时间; received_by 接收人; received_from 移交人; received_on 接收日期; recipient_count 接收人数; recorded_at 记录时间
recorded_on 记录日期; recording 录像; ref 编号; reference 凭据; reinspects 复查; release_on 下达日期; released_on 下达日期
remark 备注; remuneration_share 酬金比例; reopened_count 重开次数; repair_cost 维修费用; replace_by 更换期限; replaced_on 更换日期
replacement_cost 重置价; replacement_value 重置价值; report_by 报备期限; reported_on 报备日期; request_id 请求序号
resolution_due_at 办结期限; respond_by 响应期限; response_due_at 响应期限; returned_on 移交日期; review_id 评估序号
reviewed_on 复盘日期; revision 修订; risks 风险; role 角色; round_the_clock 是否全天; route_code 路线代码; route_id 路线序号
rrule 周期规则; rule 规则; run 运行; safety_stock 安全库存; satisfied 满意数; scanned_at 打点时间; scheme 评分体系; scope 托管范围
score 评分; sent_on 发送日期; sequence 次序; serial_number 出厂编号; series 系列; serving_until 服务延续至; service_agreement 服务约定; service_standard 服务标准
severity 严重性; sha256 文件指纹; share 比例; sheet 检查表; shift 移动; signature_ref 签收单号; signed_on 签订日期; since 自
skills 技能; source 来源; source_row 来源行; staff_ref 人员编号; stage 阶段; standard 标准; start_on 开始日期; starts 开始
starts_at 开始时间; state 状态; state_before 原状态; statement_id 报表序号; statutory 法定依据; steps 步骤; stood_down_at 解除时间
stratum 分组; subject 事项; summary 摘要; suppressed 是否隐去; tag 标识; tag_number 铭牌号; target 目标; target_code 对象代码
target_kind 对象类别; target_value 目标值; task_number 任务号; term_end 期满日; term_start 起始日; text 内容; timezone 时区
title 名称; title_en 名称英文; title_zh 名称中文; to_due 新期限; to_on 截止日期; to_post 新岗位; told_at 通知时间; told_on 通知日期
type_name 类型; undone_at 撤销时间; unit 单位; unit_count 户数; until 至; valid_from 生效; valid_until 失效; value 数值
verdict 结论; verified 是否核对; verified_in 验证期间; verified_on 验证日期; version 版本; visit 勘查批次; votes_abstained 弃权票
votes_against 反对票; votes_for 赞成票; voucher 凭证号; wave_id 调查序号; who 操作人; wind_ms 风速米每秒; within_minutes 限时分钟
work_order_id 工单序号; work_record_id 记录序号; working_calendar 工作日历; email 电子邮箱; phone 电话; contact_ref 联系人编号; figure 数值; from_engagement_id 上一托管期序号; named_on 指定日期
renewed_on 续期日期; about 所涉事项; account 账户; action_ref 措施编号; answered_by 答复人; answered_on 答复日期; closing 期末余额
control_count 凭证数; control_sha256 凭证指纹; control_sum 凭证合计; count 数量合计; done_by 完成人; ends_on 终止日期
evaluation_terms 评估约定; former_end 原期满日; former_instalments 原分期; fund 资金; funds 各项资金; given_by 说明人; given_on 通知日期
ground 终止事由; large_amount 大额标准; last_entry 最后一笔; lines 分项; opening 期初余额; owed_on 应付日期; paid 支出额; path 后续方式
prepared_by 编制人; quarter_days 季报天数; raised_on 提出日期; reason_amount 说明金额; reason_share 说明比例; received 收入额
recorded_by 登记人; remuneration_fixed 固定酬金; returned_because 退回原因; reviewed_by 复核人; settle_by 解决期限; settled_by 解决人
settled_on 解决日期; task 任务; written_by 撰写人; written_on 撰写日期; year_days 年报天数
"""
_WORDS = dict(pair.split(" ", 1) for pair in _ZH.strip().replace("\n", "; ").split("; "))


def column_heading(name: str, voice: Voice) -> str:
    """What stands above a column: the words of the language, and in Chinese the name of the record behind them.

    One name keeps one heading wherever it stands, so that files can be joined.
    """
    words = name.replace("_", " ")
    return voice(words, f"{_WORDS[name]}（{name}）" if name in _WORDS else words)
