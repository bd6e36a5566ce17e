--- The buffer with the engine's log.

local M = {}

local MOST_LINES = 10000
local HIGHLIGHTS = { Warning = "WarningMsg", Error = "ErrorMsg" }

local buffer = nil

local function log_buffer()
  if not (buffer and vim.api.nvim_buf_is_valid(buffer)) then
    buffer = vim.api.nvim_create_buf(true, true)
    vim.api.nvim_buf_set_name(buffer, "engine://log")
    vim.bo[buffer].modifiable = false
    vim.bo[buffer].undolevels = -1
  end
  return buffer
end

--- Appends lines, `{ text, highlight }` each, and goes on at the end in windows that stand there.
local function append(lines)
  local buffer = log_buffer()
  local count = vim.api.nvim_buf_line_count(buffer)
  local is_empty = count == 1 and vim.api.nvim_buf_get_lines(buffer, 0, 1, true)[1] == ""
  local first = is_empty and 0 or count
  local at_end = vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_cursor(window)[1] == count
  end, vim.fn.win_findbuf(buffer))

  local texts = vim.tbl_map(function(line)
    return line[1]
  end, lines)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, first, -1, true, texts)
  for index, line in ipairs(lines) do
    if line[2] then
      vim.api.nvim_buf_add_highlight(buffer, -1, line[2], first + index - 1, 0, -1)
    end
  end
  local excess = first + #lines - MOST_LINES
  if excess > 0 then
    vim.api.nvim_buf_set_lines(buffer, 0, excess, true, {})
  end
  vim.bo[buffer].modifiable = false

  for _, window in ipairs(at_end) do
    vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buffer), 0 })
  end
end

--- Appends messages of the engine.
function M.append(messages)
  local lines = {}
  for _, message in ipairs(messages) do
    for index, text in ipairs(vim.split(message.text, "\n", { plain = true })) do
      local time = index == 1 and ("%9.2f"):format(message.time) or (" "):rep(9)
      table.insert(lines, { time .. "  " .. text, HIGHLIGHTS[message.level] })
    end
  end
  if #lines > 0 then
    append(lines)
  end
end

--- Appends a line that is none of the engine.
function M.note(text)
  append({ { "---- " .. text, "Comment" } })
end

--- Shows the buffer in a window below the others, which stays the one where the cursor is.
function M.show()
  local buffer = log_buffer()
  if #vim.fn.win_findbuf(buffer) > 0 then
    return
  end
  local window = vim.api.nvim_get_current_win()
  vim.cmd("botright 10split")
  vim.api.nvim_win_set_buf(0, buffer)
  vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(buffer), 0 })
  vim.wo.winfixheight = true
  vim.wo.wrap = false
  vim.api.nvim_set_current_win(window)
end

return M
